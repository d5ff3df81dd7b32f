import { Badge, Button, Popover, Spinner } from '@patternfly/react-core';
import TaskIcon from '@patternfly/react-icons/dist/esm/icons/tasks-icon';
import { Link } from 'react-router';
import { isOver, useJobs } from '../api/jobs';
import { JobCard } from './JobCard';
import { paths } from '../paths';
import { t } from '../util/i18n';

const RECENT = 5;

/** Everything running and what ended lately, wherever you are in the page. */
export function JobsTray() {
  const jobs = useJobs();
  const running = jobs.filter((job) => !isOver(job));
  const shown = [...running, ...jobs.filter(isOver).slice(0, RECENT)];
  return (
    <Popover
      aria-label={t('Jobs')}
      headerContent={t('Jobs')}
      position="bottom-end"
      minWidth="min(24rem, 72vw)"
      maxWidth="min(24rem, 72vw)"
      bodyContent={(hide) => (
        <div className="qd-tray">
          {shown.length === 0 ? <p className="qd-dim">{t('Nothing is running, and nothing ran lately.')}</p> : null}
          {shown.map((job) => (
            <JobCard key={job.id} job={job} onOpen={hide} />
          ))}
        </div>
      )}
      footerContent={(hide) => (
        <Link to={paths.jobs} onClick={hide}>
          {t('All jobs')}
        </Link>
      )}
    >
      <Button
        variant="plain"
        aria-label={running.length > 0 ? t('{{count}} jobs running', { count: running.length }) : t('Jobs')}
        icon={
          <span className="qd-tray-icon">
            {running.length > 0 ? <Spinner size="md" aria-hidden /> : <TaskIcon />}
            {running.length > 0 ? <Badge>{running.length}</Badge> : null}
          </span>
        }
      />
    </Popover>
  );
}
