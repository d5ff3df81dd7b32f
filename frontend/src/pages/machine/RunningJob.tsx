import { Alert, AlertActionLink } from '@patternfly/react-core';
import { Link } from 'react-router';
import { isOver, jobTitle, useJob } from '../../api/jobs';
import type { Domain } from '../../api/types';
import { JobProgress } from '../../components/JobProgress';
import { paths } from '../../paths';
import { DiskSpeed } from '../../shell/DiskSpeed';
import { useActs } from '../../shell/acts';
import { CancelJob } from '../../shell/JobCard';
import { t } from '../../util/i18n';

/** The job that works on this machine: how far, cancel, and the way to its log. */
export function RunningJob({ id, domain }: { id: string; domain: Domain }) {
  const job = useJob(id);
  const { act } = useActs();
  if (!job || isOver(job)) return null;
  return (
    <Alert
      variant="info"
      isInline
      title={jobTitle(job)}
      actionLinks={
        <>
          {job.phase === 'shutdown' ? <AlertActionLink onClick={() => act('destroy', [domain])}>{t('Force it off')}</AlertActionLink> : null}
          <CancelJob job={job} /> <Link to={paths.job(id)}>{t('Details and log')}</Link>
        </>
      }
    >
      <JobProgress job={job} />
      <DiskSpeed job={job} />
    </Alert>
  );
}
