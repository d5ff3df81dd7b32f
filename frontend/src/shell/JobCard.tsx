import { Button } from '@patternfly/react-core';
import { Link } from 'react-router';
import { cancelJob, isOver, jobTitle } from '../api/jobs';
import { problemOf } from '../api/client';
import type { Job } from '../api/types';
import { JobProgress } from '../components/JobProgress';
import { toast } from '../components/Toasts';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';

/** One job in the tray: what, how far, cancel. */
export function JobCard({ job, onOpen }: { job: Job; onOpen?: () => void }) {
  return (
    <article className="qd-job-card" aria-label={jobTitle(job)}>
      <div className="qd-job-head">
        <Link to={paths.job(job.id)} onClick={onOpen}>
          {jobTitle(job)}
        </Link>
        {isOver(job) ? <span className="qd-dim">{formatTime(job.ended)}</span> : <CancelJob job={job} />}
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
