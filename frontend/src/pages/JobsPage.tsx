import { Button, Label, PageSection } from '@patternfly/react-core';
import JobsIcon from '@patternfly/react-icons/dist/esm/icons/tasks-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { unread } from '../api/client';
import { isOver, jobTitle } from '../api/jobs';
import { useLookedHost } from '../api/looked';
import { queries } from '../api/queries';
import type { Job, JobState } from '../api/types';
import { JobProgress } from '../components/JobProgress';
import { PageHeader } from '../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../components/Pages';
import { paths } from '../paths';
import { CancelJob, UndoJob } from '../shell/JobCard';
import { t } from '../util/i18n';
import { formatDuration, formatTime, secondsBetween } from '../util/time';
import { JobDetail } from './JobDetail';

export default function JobsPage() {
  const { id } = useParams();
  const jobs = useQuery(queries.jobs());
  const [looked, look] = useLookedHost();
  if (id) return <JobDetail id={id} />;
  const problem = unread(jobs);
  if (problem) return <ErrorPage problem={problem} retry={jobs.refetch} />;
  if (!jobs.data) return <LoadingPage />;
  const shown = jobs.data.filter((job) => !looked || job.host === looked.id);
  return (
    <>
      <PageHeader title={t('Jobs')} subtitle={t('What takes long goes on here, whether a page is open or not.')} />
      <PageSection>
        {shown.length > 0 ? (
          <JobTable jobs={shown} />
        ) : looked ? (
          <EmptyPage title={t('No jobs on {{name}}', { name: looked.name })} icon={JobsIcon} actions={<Button variant="link" onClick={() => look(null)}>{t('Show those of all hosts')}</Button>} />
        ) : (
          <EmptyPage title={t('No jobs yet')} icon={JobsIcon} />
        )}
      </PageSection>
    </>
  );
}

const COLORS: Record<JobState, 'blue' | 'green' | 'red' | 'grey' | 'orange'> = { queued: 'grey', running: 'blue', done: 'green', failed: 'red', cancelled: 'orange' };

export function JobStateLabel({ state }: { state: JobState }) {
  const words: Record<JobState, string> = { queued: t('Waiting'), running: t('Running'), done: t('Done'), failed: t('Failed'), cancelled: t('Cancelled') };
  return (
    <Label color={COLORS[state]} isCompact>
      {words[state]}
    </Label>
  );
}

function JobTable({ jobs }: { jobs: Job[] }) {
  const [job, state, progress, user, started, took] = [t('Job'), t('State'), t('Progress'), t('By'), t('Started'), t('Took')];
  return (
    <Table aria-label={t('Jobs')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          {[job, state, progress, user, started, took].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {jobs.map((one) => (
          <Tr key={one.id}>
            <Td dataLabel={job}>
              <Link to={paths.job(one.id)}>{jobTitle(one)}</Link> <span className="qd-dim">{one.host}</span>
            </Td>
            <Td dataLabel={state}>
              <JobStateLabel state={one.state} />
            </Td>
            <Td dataLabel={progress} className="qd-job-cell">
              {isOver(one) ? <span className="qd-dim">{one.problem?.detail ?? one.message}</span> : <JobProgress job={one} />}
            </Td>
            <Td dataLabel={user}>{one.user}</Td>
            <Td dataLabel={started}>{formatTime(one.started)}</Td>
            <Td dataLabel={took}>{isOver(one) ? formatDuration(secondsBetween(one.started, one.ended)) : ''}</Td>
            <Td isActionCell>{isOver(one) ? <UndoJob job={one} /> : <CancelJob job={one} />}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
