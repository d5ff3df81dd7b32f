import { Button, Progress, ProgressMeasureLocation, ProgressSize } from '@patternfly/react-core';
import { problemOf } from '../../api/client';
import { secondsLeft, uploads, type Upload } from '../../api/uploads';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { formatDuration } from '../../util/time';
import { formatBytes, formatRate } from '../../util/units';

/** How far an upload is, with what can be done about it. */
export function UploadRow({ upload }: { upload: Upload }) {
  const { state } = upload;
  const percent = upload.size === 0 ? 0 : (100 * upload.sent) / upload.size;
  const variant = state === 'done' ? 'success' : state === 'failed' || state === 'cut' ? 'danger' : state === 'cancelled' ? 'warning' : undefined;
  const act = (work: Promise<void>) => void work.catch((error: unknown) => toast.problem(upload.volume, problemOf(error)));
  return (
    <div className="qd-upload">
      <Progress
        value={state === 'done' ? 100 : Math.floor(percent)}
        title={upload.volume}
        aria-label={t('Upload of {{name}}', { name: upload.volume })}
        size={ProgressSize.sm}
        variant={variant}
        measureLocation={ProgressMeasureLocation.outside}
      />
      <p className="qd-upload-words">
        <span>{t('{{sent}} of {{size}} to pool {{pool}}', { sent: formatBytes(upload.sent), size: formatBytes(upload.size), pool: upload.pool })}</span>
        {state === 'running' ? <span>{pace(upload)}</span> : null}
        {state === 'cancelled' ? <span>{t('Cancelled; nothing of it is left.')}</span> : null}
      </p>
      {upload.problem && (state === 'cut' || state === 'failed') ? <ProblemAlert problem={upload.problem} /> : null}
      <div>
        {state === 'cut' ? (
          <Button variant="primary" size="sm" onClick={() => act(uploads.resume(upload.id))}>
            {t('Resume')}
          </Button>
        ) : null}{' '}
        {state === 'cut' || state === 'running' ? (
          <Button variant="link" isDanger size="sm" onClick={() => act(uploads.cancel(upload.id))} aria-label={t('Cancel the upload of {{name}}', { name: upload.volume })}>
            {state === 'cut' ? t('Remove what came so far') : t('Cancel')}
          </Button>
        ) : (
          <Button variant="link" size="sm" onClick={() => uploads.forget(upload.id)}>
            {t('Dismiss')}
          </Button>
        )}
      </div>
    </div>
  );
}

function pace(upload: Upload): string {
  if (upload.sent === upload.size) return t('All is sent; the host is writing it');
  const left = secondsLeft(upload);
  return [formatRate(upload.rate), left === null || left < 1 ? '' : t('about {{time}} left', { time: formatDuration(left) })].filter(Boolean).join(' · ');
}
