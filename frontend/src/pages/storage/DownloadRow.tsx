import { Alert } from '@patternfly/react-core';
import { isOver } from '../../api/jobs';
import type { Job } from '../../api/types';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { CancelJob } from '../../shell/JobCard';
import { t } from '../../util/i18n';
import { formatDuration } from '../../util/time';
import { formatBytes, formatRate } from '../../util/units';

/** How far a download is, and how it ended. */
export function DownloadRow({ job }: { job: Job }) {
  if (job.state === 'done') {
    const { size_bytes: size, checksum } = job.result as { size_bytes: number; checksum: string };
    return (
      <Alert variant="success" isInline title={t('{{name}} is there ({{size}})', { name: job.target_name, size: formatBytes(size) })}>
        <span className="qd-path">{checksum}</span>
      </Alert>
    );
  }
  if (job.problem) return <ProblemAlert problem={job.problem} />;
  return (
    <div className="qd-upload">
      <JobProgress job={{ ...job, phase: '', message: '', eta_seconds: null }} title={job.target_name} />
      <p className="qd-upload-words">
        <span>{words(job)}</span>
        {job.eta_seconds !== null && job.eta_seconds >= 1 ? <span>{t('about {{time}} left', { time: formatDuration(job.eta_seconds) })}</span> : null}
      </p>
      {isOver(job) ? null : <CancelJob job={job} />}
    </div>
  );
}

function words(job: Job): string {
  const { received_bytes: received, total_bytes: total, rate_bytes_s: rate } = job.details as { received_bytes?: number; total_bytes?: number | null; rate_bytes_s?: number };
  const pool = job.target.slice(0, job.target.indexOf('/'));
  if (received === undefined || total === undefined) return t('Asking the server');
  if (job.phase === 'check') return t('Checking what came');
  if (total === null) return t('{{received}} to pool {{pool}} · {{rate}}', { received: formatBytes(received), pool, rate: formatRate(rate ?? 0) });
  return t('{{received}} of {{total}} to pool {{pool}} · {{rate}}', { received: formatBytes(received), total: formatBytes(total), pool, rate: formatRate(rate ?? 0) });
}
