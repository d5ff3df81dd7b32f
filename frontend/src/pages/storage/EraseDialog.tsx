import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { problemOf } from '../../api/client';
import { storageQueries, type Volume } from '../../api/storage';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { useErase } from './erase';

interface Props {
  host: string;
  volumes: Volume[];
  /** The keys of those that are still there. */
  onLeft: (left: string[]) => void;
  onClose: () => void;
}

/** Erases several volumes of a pool after a question. */
export function EraseDialog({ host, volumes, onLeft, onClose }: Props) {
  const erase = useErase();
  const unseen = (useQuery(storageQueries.pools(host)).data ?? []).filter((pool) => !pool.active).map((pool) => pool.name);
  const size = volumes.reduce((sum, volume) => sum + volume.allocation_bytes, 0);
  return (
    <ConfirmDialog title={t('Delete {{count}} volumes?', { count: volumes.length })} verb={t('Delete')} danger onConfirm={() => erase(volumes, onLeft)} toProblem={problemOf} onClose={onClose}>
      <p>{t('What goes holds {{size}}, and no machine uses it. This cannot be undone.', { size: formatBytes(size) })}</p>
      <ul className="qd-disks">
        {volumes.map((volume) => (
          <li key={volume.name} className="qd-path">
            {volume.name}
          </li>
        ))}
      </ul>
      {unseen.length > 0 ? <Alert variant="warning" isInline isPlain title={t('Pools that do not run ({{pools}}) are not looked through: an image there that stands on these files is damaged.', { pools: unseen.join(', ') })} /> : null}
    </ConfirmDialog>
  );
}
