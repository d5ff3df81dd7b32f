import { Alert } from '@patternfly/react-core';
import { Link } from 'react-router';
import { isOver, jobTitle, useJob } from '../../api/jobs';
import { JobProgress } from '../../components/JobProgress';
import { paths } from '../../paths';
import { DiskSpeed } from '../../shell/DiskSpeed';
import { CancelJob } from '../../shell/JobCard';
import { t } from '../../util/i18n';

/** The job that works on this machine: how far, cancel, and the way to its log. */
export function RunningJob({ id }: { id: string }) {
  const job = useJob(id);
  if (!job || isOver(job)) return null;
  return (
    <Alert
      variant="info"
      isInline
      title={jobTitle(job)}
      actionLinks={
        <>
          <CancelJob job={job} /> <Link to={paths.job(id)}>{t('Details and log')}</Link>
        </>
      }
    >
      <JobProgress job={job} />
      <DiskSpeed job={job} />
    </Alert>
  );
}
