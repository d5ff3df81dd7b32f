import { useQuery } from '@tanstack/react-query';
import { problemOf } from '../api/client';
import { queries } from '../api/queries';
import { MoveDisk } from '../pages/machine/hardware/MoveDisk';
import { t } from '../util/i18n';
import type { ActDialogProps } from '.';
import { Unready } from './snapshot/Unready';

/** Moves the disks of a machine to another pool of its host. */
export default function DomainMoveDisks({ domain, onClose }: ActDialogProps) {
  const { data, error, refetch } = useQuery(queries.domain(domain.host, domain.uuid));
  if (!data) return <Unready title={t('Move the disks of {{name}}', { name: domain.name })} problem={error ? problemOf(error) : null} onRetry={() => void refetch()} onClose={onClose} />;
  return <MoveDisk domain={data} onClose={onClose} />;
}
