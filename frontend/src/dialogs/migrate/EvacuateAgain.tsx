import { lazy, Suspense, useState } from 'react';
import type { EvacuationDetails } from '../../api/migration';
import { useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import type { Job } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { t } from '../../util/i18n';
import { stayed } from './stayed';

const Evacuate = lazy(() => import('./Evacuate').then((module) => ({ default: module.Evacuate })));

/** The machines of a job that have stayed are moved again, as it was asked for. */
export function EvacuateAgain({ job }: { job: Job }) {
  const [open, setOpen] = useState(false);
  const may = useCan('domain:migrate');
  const host = useHosts().find(({ id }) => id === job.host);
  const reason = !may ? t('Your role may look at machines, not move them.') : host?.state === 'connected' ? null : t('Their host is not connected.');
  return (
    <>
      <ReasonButton variant="secondary" reason={reason} onClick={() => setOpen(true)}>
        {t('Try again with those that stayed')}
      </ReasonButton>
      <Suspense fallback={null}>{open && host ? <Evacuate host={host} machines={stayed(job)} earlier={(job.details as EvacuationDetails).asked} onClose={() => setOpen(false)} /> : null}</Suspense>
    </>
  );
}
