import { Label, Spinner } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { Evacuee } from '../../api/migration';
import type { Job } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';

/** What became of each machine of a job that moves several. */
export function Evacuees({ job }: { job: Job }) {
  const machines = (job.details['machines'] ?? []) as Evacuee[];
  return (
    <ul className="qd-results" aria-label={t('Machines')}>
      {machines.map((machine) => (
        <li key={machine.uuid}>
          <strong>{machine.job ? <Link to={paths.job(machine.job)}>{machine.name}</Link> : machine.name}</strong>
          {machine.state === 'moving' ? <Spinner size="sm" aria-label={t('in progress')} /> : null}
          <Label isCompact color={COLORS[machine.state]}>
            {word(machine.state)}
          </Label>
          {machine.problem ? <span className="qd-results-text">{(machine.problem as { detail?: string }).detail}</span> : null}
        </li>
      ))}
    </ul>
  );
}

const COLORS: Record<Evacuee['state'], 'grey' | 'blue' | 'green' | 'red' | 'orange'> = { waiting: 'grey', moving: 'blue', moved: 'green', failed: 'red', left: 'orange' };

function word(state: Evacuee['state']): string {
  return { waiting: t('Waiting'), moving: t('Moving'), moved: t('Moved'), failed: t('Stayed'), left: t('Not begun') }[state];
}
