import { Button } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { cancelJob, isOver, jobTitle } from '../api/jobs';
import { problemOf } from '../api/client';
import { queries } from '../api/queries';
import { useCan } from '../api/session';
import type { Job } from '../api/types';
import { ReasonButton } from '../components/DisabledReason';
import { JobProgress } from '../components/JobProgress';
import { toast } from '../components/Toasts';
import { undoOfJob } from '../pages/machine/undo';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';

/** One job in the tray: what, how far, cancel. */
export function JobCard({ job, onOpen }: { job: Job; onOpen?: () => void }) {
  return (
    <article aria-label={jobTitle(job)}>
      <div className="qd-job-head">
        <Link to={paths.job(job.id)} onClick={onOpen}>
          {jobTitle(job)}
        </Link>
        {isOver(job) ? (
          <span className="qd-dim">
            {formatTime(job.ended)} <UndoJob job={job} />
          </span>
        ) : (
          <CancelJob job={job} />
        )}
      </div>
      <JobProgress job={job} />
      {job.state === 'failed' && job.problem ? <p className="qd-job-problem">{job.problem.detail}</p> : null}
    </article>
  );
}

export function CancelJob({ job }: { job: Job }) {
  const cancel = () => {
    cancelJob(job.id).catch((error: unknown) => toast.problem(t('Cancel'), problemOf(error)));
  };
  return (
    <Button variant="link" isInline isDanger onClick={cancel} isAriaDisabled={!job.can_cancel} aria-label={t('Cancel {{job}}', { job: jobTitle(job) })}>
      {t('Cancel')}
    </Button>
  );
}

/** Takes back what a job did to a machine: the snapshot that it took, the device that left. */
export function UndoJob({ job }: { job: Job }) {
  const cache = useQueryClient();
  const may = useCan('domain:edit');
  const undo = undoOfJob(cache, job);
  const known = useQuery({ ...queries.domains(job.host), enabled: job.state === 'done' && undo !== undefined }).data;
  const gone = known?.every((domain) => domain.uuid !== job.target);
  const reason =
    job.state !== 'done'
      ? t('It did not come to its end: what it had begun was undone then.')
      : undo === undefined
        ? t('A job of this kind is not undone by itself; its page tells what it made.')
        : gone
          ? t('The machine is not on its host any more.')
          : may
            ? null
            : t('Your role may look at machines, not change them.');
  return (
    <ReasonButton variant="link" isInline reason={reason} aria-label={t('Undo: {{job}}', { job: jobTitle(job) })} onClick={() => undo?.run()}>
      {t('Undo')}
    </ReasonButton>
  );
}
