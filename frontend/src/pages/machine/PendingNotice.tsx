import { Alert, AlertActionLink, ExpandableSection, Spinner } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import type { Domain } from '../../api/types';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { paths } from '../../paths';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';
import { PendingList } from './PendingList';
import { useRestart, type Restart } from './restart';

/** Says what waits for the next start, and does that start in one act. `brief` where the room is wanted for something else. */
export function PendingNotice({ domain, brief = false }: { domain: Domain; brief?: boolean }) {
  const restart = useRestart(domain);
  const [asking, setAsking] = useState(false);
  const [open, setOpen] = useState(false);
  if (restart.phase) return <Restarting domain={domain} restart={restart} />;
  if (!domain.changes_pending) return null;
  const reason = domain.actions['shutdown'];
  return (
    <>
      <Alert
        variant="info"
        isInline
        title={t('Some changes wait for the next start')}
        actionLinks={
          <>
            <AlertActionLink onClick={() => setAsking(true)} isDisabled={!!reason} title={reason ?? undefined}>
              {t('Shut down and start again')}
            </AlertActionLink>
            <Link to={paths.machine(domain.host, domain.uuid, 'xml')}>{t('See the XML')}</Link>
          </>
        }
      >
        {reason ? <p>{reason}</p> : null}
        {domain.pending.length > 0 && !brief ? (
          <ExpandableSection
            isExpanded={open}
            onToggle={(_, next) => setOpen(next)}
            toggleText={t('{{count}} values differ', { count: domain.pending.length })}
          >
            <PendingList domain={domain} />
          </ExpandableSection>
        ) : null}
      </Alert>
      {asking ? (
        <ConfirmDialog
          title={t('Shut down {{name}} and start it again?', { name: domain.name })}
          verb={t('Shut down and start again')}
          onConfirm={restart.run}
          toProblem={problemOf}
          onClose={() => setAsking(false)}
        >
          <p>{t('The guest is asked to shut down. When it is off it is started at once, with the new settings.')}</p>
          <p className="qd-dim">{t('On host {{host}} · {{uuid}}', { host: domain.host, uuid: domain.uuid })}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}

function Restarting({ domain, restart }: { domain: Domain; restart: Restart }) {
  const { act } = useActs();
  const stopping = restart.phase === 'stopping';
  return (
    <Alert
      variant="info"
      isInline
      customIcon={<Spinner size="md" aria-hidden />}
      title={stopping ? t('Waiting for the guest to shut down') : t('Starting')}
      actionLinks={
        stopping ? (
          <>
            <AlertActionLink onClick={() => act('destroy', [domain])}>{t('Force it off')}</AlertActionLink>
            <AlertActionLink onClick={restart.stopWaiting}>{t('Do not start it again')}</AlertActionLink>
          </>
        ) : null
      }
    >
      {stopping ? t('It starts again as soon as it is off. Keep Quarterdeck open until then. A guest may ignore the request.') : null}
    </Alert>
  );
}
