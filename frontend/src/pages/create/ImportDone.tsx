import './create.css';
import { Alert, Button } from '@patternfly/react-core';
import { Link, useNavigate } from 'react-router';
import type { ConvertResult } from '../../api/appliances';
import { call } from '../../api/client';
import { useCan } from '../../api/session';
import type { Domain, Job } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { ReasonButton } from '../../components/DisabledReason';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';

/** What was taken over from another product lies there: the machine is made of it, or looked at in the form first. */
export function ImportDone({ job, onLeave }: { job: Job; onLeave?: () => void }) {
  const navigate = useNavigate();
  const { attempt, busy, problem } = useAttempt();
  const may = useCan('domain:create');
  const { create, volumes } = job.result as unknown as ConvertResult;
  if (!create) return null;
  const make = async () => {
    const made = await call<Domain>('POST', '/hosts/{host}/domains', { path: { host: job.host }, body: create });
    void navigate(paths.machine(job.host, made.uuid));
  };
  const look = () => {
    onLeave?.();
    void navigate(paths.takenOver(job.host, job.id));
  };
  const pool = volumes[0]?.pool ?? '';
  return (
    <>
      {problem ? <ProblemAlert problem={problem} /> : null}
      <Alert variant="success" isInline title={t('The disks are in the pool {{pool}}', { pool })}>
        <ul className="qd-report">
          {volumes.map(({ volume }) => (
            <li key={volume}>{volume}</li>
          ))}
        </ul>
        <p>{t('The machine can be made now as it was, or be looked at and changed in the form first. It is not started yet.')}</p>
        <p>
          {t('Without it the disks stay there, for a machine to get later or to be deleted:')}{' '}
          <Link to={paths.pool(job.host, pool)} onClick={onLeave}>
            {t('Show them in the pool {{pool}}', { pool })}
          </Link>
        </p>
      </Alert>
      <div className="qd-import-acts">
        <Button onClick={look} isDisabled={busy}>
          {t('Go on in the form')}
        </Button>
        <ReasonButton variant="secondary" reason={may ? null : t('Your role may look at machines, not make them.')} onClick={() => void attempt(make)} isLoading={busy} isDisabled={busy}>
          {t('Make the machine')}
        </ReasonButton>
      </div>
    </>
  );
}
