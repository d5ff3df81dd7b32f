import { Alert, AlertActionLink, ExpandableSection } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Domain } from '../../api/types';
import { paths } from '../../paths';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';
import { PendingList } from './PendingList';

const ACT = 'power-cycle';

/** Says what waits for the next start, and does that start in one act. `brief` where the room is wanted for something else. */
export function PendingNotice({ domain, brief = false }: { domain: Domain; brief?: boolean }) {
  const { act } = useActs();
  const [open, setOpen] = useState(false);
  if (!domain.changes_pending) return null;
  const reason = domain.actions[ACT];
  return (
    <Alert
      variant="info"
      isInline
      title={t('Some changes wait for the next start')}
      actionLinks={
        <>
          <AlertActionLink onClick={() => act(ACT, [domain])} isDisabled={!!reason} title={reason ?? undefined}>
            {t('Shut down and start again')}
          </AlertActionLink>
          <Link to={paths.machine(domain.host, domain.uuid, 'xml')}>{t('See the XML')}</Link>
        </>
      }
    >
      {reason ? <p>{reason}</p> : null}
      {domain.pending.length > 0 && !brief ? (
        <ExpandableSection isExpanded={open} onToggle={(_, next) => setOpen(next)} toggleText={t('{{count}} values differ', { count: domain.pending.length })}>
          <PendingList domain={domain} />
        </ExpandableSection>
      ) : null}
    </Alert>
  );
}
