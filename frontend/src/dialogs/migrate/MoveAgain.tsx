import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useRoom } from '../../api/live';
import type { MigrationDetails } from '../../api/migration';
import { queries } from '../../api/queries';
import type { Job } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { t } from '../../util/i18n';
import { isBroken } from './broken';

const DomainMigrate = lazy(() => import('../DomainMigrate'));

/** A move that did not come to its end is tried again, with all that was asked for. */
export function MoveAgain({ job }: { job: Job }) {
  useRoom(`domain:${job.host}:${job.target}`);
  const [open, setOpen] = useState(false);
  const domain = useQuery(queries.domain(job.host, job.target)).data;
  if (!domain) return null;
  return (
    <>
      <ReasonButton variant="secondary" reason={domain.actions['migrate']} onClick={() => setOpen(true)}>
        {isBroken(job) ? t('Go on with the move') : t('Try again')}
      </ReasonButton>
      <Suspense fallback={null}>{open ? <DomainMigrate domain={domain} earlier={job.details as MigrationDetails} onClose={() => setOpen(false)} /> : null}</Suspense>
    </>
  );
}
