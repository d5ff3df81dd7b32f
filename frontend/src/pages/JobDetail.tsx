import { Breadcrumb, BreadcrumbItem, PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { unread } from '../api/client';
import { isOver, jobTitle } from '../api/jobs';
import { queries } from '../api/queries';
import type { Job } from '../api/types';
import { JobProgress } from '../components/JobProgress';
import { PageHeader } from '../components/PageHeader';
import { ErrorPage, LoadingPage } from '../components/Pages';
import { ProblemAlert } from '../components/ProblemAlert';
import { EvacuateAgain } from '../dialogs/migrate/EvacuateAgain';
import { Evacuees } from '../dialogs/migrate/Evacuees';
import { MoveAgain } from '../dialogs/migrate/MoveAgain';
import { MoveProgress } from '../dialogs/migrate/MoveProgress';
import { paths } from '../paths';
import { CancelJob, UndoJob } from '../shell/JobCard';
import { t } from '../util/i18n';
import { jobFacts } from '../util/jobFacts';
import { formatDuration, formatTime, secondsBetween } from '../util/time';
import { ImportDone } from './create/ImportDone';
import { JobStateLabel } from './JobsPage';

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** One job with everything known of it, live. The ways to the end of a move stand with its limits. */
export function JobDetail({ id }: { id: string }) {
  const found = useQuery(queries.job(id));
  const problem = unread(found);
  if (problem) return <ErrorPage problem={problem} retry={found.refetch} />;
  if (!found.data) return <LoadingPage />;
  const job = found.data;
  return (
    <>
      <PageHeader
        title={jobTitle(job)}
        before={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={paths.jobs}>{t('Jobs')}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem isActive>{jobTitle(job)}</BreadcrumbItem>
          </Breadcrumb>
        }
        aside={<JobStateLabel state={job.state} />}
        actions={<Acts job={job} />}
      />
      <PageSection className="qd-job-detail">
        {job.kind === 'migration' ? (
          <MoveProgress job={job} />
        ) : (
          <>
            <JobProgress job={job} />
            {job.problem ? <ProblemAlert problem={job.problem} /> : null}
            {job.kind === 'convert' && job.state === 'done' ? <ImportDone job={job} /> : null}
            {job.kind === 'evacuation' ? <Evacuees job={job} /> : null}
          </>
        )}
        <Facts job={job} />
        <Title headingLevel="h2" size="md">
          {t('Log')}
        </Title>
        {job.log.length === 0 ? <p className="qd-dim">{t('Nothing was written.')}</p> : null}
        <ol className="qd-log">
          {job.log.map((line, index) => (
            <li key={index}>
              <time dateTime={line.time}>{formatTime(line.time)}</time> {line.text}
            </li>
          ))}
        </ol>
      </PageSection>
    </>
  );
}

/** What can be done with it: while it runs, and after. */
function Acts({ job }: { job: Job }) {
  if (!isOver(job)) return job.kind === 'migration' ? null : <CancelJob job={job} />;
  if (job.state !== 'done' && job.kind === 'migration') return <MoveAgain job={job} />;
  if (job.state !== 'done' && job.kind === 'evacuation') return <EvacuateAgain job={job} />;
  return <UndoJob job={job} />;
}

function Facts({ job }: { job: Job }) {
  const facts: [string, React.ReactNode][] = [
    [t('Host'), job.host],
    [UUID.test(job.target) ? t('Machine') : t('About'), UUID.test(job.target) ? <Link to={paths.machine(job.host, job.target)}>{job.target_name || job.target}</Link> : job.target],
    [t('Started by'), job.user],
    [t('Started'), formatTime(job.started)],
    [t('Took'), isOver(job) ? `${formatDuration(secondsBetween(job.started, job.ended))}, ${t('ended {{time}}', { time: formatTime(job.ended) })}` : ''],
    ...jobFacts(job),
  ];
  return (
    <dl className="qd-facts">
      {facts
        .filter(([, value]) => value !== '' && value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
