import { Label, Spinner } from '@patternfly/react-core';
import { Link } from 'react-router';
import { useJobs } from '../../api/jobs';
import type { EvacuationDetails, Evacuee } from '../../api/migration';
import type { Job } from '../../api/types';
import { JobProgress } from '../../components/JobProgress';
import { paths } from '../../paths';
import { t } from '../../util/i18n';

/** What became of each machine of a job that moves several, and how far those are that move now. */
export function Evacuees({ job }: { job: Job }) {
  const moves = useJobs();
  const machines = (job.details as EvacuationDetails).machines ?? [];
  return (
    <ul className="qd-results" aria-label={t('Machines')}>
      {machines.map((machine) => {
        const move = machine.state === 'moving' ? moves.find(({ id }) => id === machine.job) : undefined;
        return (
          <li key={machine.uuid}>
            <strong>{machine.job ? <Link to={paths.job(machine.job)}>{machine.name}</Link> : machine.name}</strong>
            {machine.state === 'moving' ? <Spinner size="sm" aria-label={t('in progress')} /> : null}
            <Label isCompact color={COLORS[machine.state]}>
              {word(machine.state)}
            </Label>
            {machine.problem ? <span className="qd-results-text">{(machine.problem as { detail?: string }).detail}</span> : null}
            {move ? (
              <div className="qd-results-text">
                <JobProgress job={move} />
              </div>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

const COLORS: Record<Evacuee['state'], 'grey' | 'blue' | 'green' | 'red' | 'orange'> = { waiting: 'grey', moving: 'blue', moved: 'green', failed: 'red', left: 'orange' };

function word(state: Evacuee['state']): string {
  return { waiting: t('Waiting'), moving: t('Moving'), moved: t('Moved'), failed: t('Stayed'), left: t('Not begun') }[state];
}
