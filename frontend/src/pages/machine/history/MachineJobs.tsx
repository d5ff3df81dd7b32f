import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { jobTitle } from '../../../api/jobs';
import { queries } from '../../../api/queries';
import type { Domain } from '../../../api/types';
import { JobProgress } from '../../../components/JobProgress';
import { paths } from '../../../paths';
import { t } from '../../../util/i18n';
import { formatTime } from '../../../util/time';

const MOST = 20;

/** Jobs on this machine, running and past, newest first. */
export function MachineJobs({ domain }: { domain: Domain }) {
  const { data, isPending } = useQuery(queries.jobs());
  if (isPending) return <p className="qd-dim">{t('Reading …')}</p>;
  const jobs = (data ?? []).filter((job) => job.target === domain.uuid);
  if (jobs.length === 0) return <p className="qd-dim">{t('No job has worked on it lately.')}</p>;
  return (
    <ul className="qd-plain qd-stack">
      {jobs.slice(0, MOST).map((job) => (
        <li key={job.id}>
          <Link to={paths.job(job.id)}>{jobTitle(job)}</Link>{' '}
          <span className="qd-dim">{t('{{time}}, by {{user}}', { time: formatTime(job.started), user: job.user })}</span>
          <JobProgress job={job} />
        </li>
      ))}
    </ul>
  );
}
