import './storage.css';
import { PageSection } from '@patternfly/react-core';
import { isOver, useJobs } from '../../api/jobs';
import type { Pool } from '../../api/storage';
import { useUploads } from '../../api/uploads';
import { t } from '../../util/i18n';
import { DownloadRow } from './DownloadRow';
import { UploadRow } from './UploadRow';

/** The uploads of this page, and the downloads, that are not over; of one pool or of all. */
export function UnderWay({ pool }: { pool?: Pool }) {
  const uploads = useUploads().filter((upload) => !pool || (upload.host === pool.host && upload.pool === pool.name));
  const downloads = useJobs().filter((job) => job.kind === 'download' && !isOver(job) && (!pool || (job.host === pool.host && job.target.startsWith(`${pool.name}/`))));
  return (
    <>
      {uploads.length > 0 ? (
        <PageSection aria-label={t('Uploads')}>
          <ul className="qd-uploads">
            {uploads.map((upload) => (
              <li key={upload.id}>
                <UploadRow upload={upload} />
              </li>
            ))}
          </ul>
        </PageSection>
      ) : null}
      {downloads.length > 0 ? (
        <PageSection aria-label={t('Downloads')}>
          <ul className="qd-uploads">
            {downloads.map((job) => (
              <li key={job.id}>
                <DownloadRow job={job} />
              </li>
            ))}
          </ul>
        </PageSection>
      ) : null}
    </>
  );
}
