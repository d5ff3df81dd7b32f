import { Progress, ProgressMeasureLocation, ProgressSize } from '@patternfly/react-core';
import type { Job } from '../api/types';
import { t } from '../util/i18n';
import { jobWords } from '../util/jobFacts';
import { formatDuration } from '../util/time';

/** How far a job is: bar with percentage, phase, message and time left. Unknown progress moves without a number. */
export function JobProgress({ job, title }: { job: Job; title?: string }) {
  const over = job.state === 'failed' || job.state === 'cancelled' || job.state === 'done';
  const variant = job.state === 'failed' ? 'danger' : job.state === 'cancelled' ? 'warning' : job.state === 'done' ? 'success' : undefined;
  const percent = job.state === 'done' ? 100 : Math.round((job.progress ?? 0) * 100);
  const words = jobWords(job);
  const left = !over && job.eta_seconds !== null && job.eta_seconds >= 1 ? t('about {{time}} left', { time: formatDuration(job.eta_seconds) }) : '';
  return (
    <div className={job.progress === null && !over ? 'qd-job-unknown' : undefined}>
      <Progress
        value={job.progress === null && !over ? 35 : percent}
        aria-label={title ?? words}
        title={title}
        size={ProgressSize.sm}
        variant={variant}
        measureLocation={job.progress === null && !over ? ProgressMeasureLocation.none : ProgressMeasureLocation.outside}
        valueText={job.progress === null ? t('in progress') : undefined}
      />
      {words || left ? <div className="qd-job-words">{[words, left].filter(Boolean).join(' · ')}</div> : null}
    </div>
  );
}
