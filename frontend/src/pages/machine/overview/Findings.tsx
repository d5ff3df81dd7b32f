import { Alert, AlertActionLink, Card, CardBody, CardTitle } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRegistry } from '../../../api/actions';
import type { Domain, Finding, Remedy } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { toast } from '../../../components/Toasts';
import { paths } from '../../../paths';
import { useActs } from '../../../shell/acts';
import { t } from '../../../util/i18n';
import { LooseCableAlert } from '../LooseCableAlert';
import { ReviewDialog } from '../ReviewDialog';
import { useUndo } from '../undo';
import { useLooseCables } from '../useLooseCables';

/** What is wrong or worth doing, each with its cure. Nothing is good news, and said. */
export function Findings({ domain }: { domain: Domain }) {
  // The head of the page says this one on every tab, with the act.
  const findings = domain.findings.filter(({ id }) => id !== 'pending');
  // A cable that somebody pulled is no fault; its card says it.
  const loose = useLooseCables(domain).filter(({ why }) => why !== 'down');
  return (
    <Card isCompact component="section" aria-label={t('Worth knowing')}>
      <CardTitle component="h2">{t('Worth knowing')}</CardTitle>
      <CardBody>
        {findings.length + loose.length === 0 ? <p className="qd-dim">{domain.last_seen ? t('Not known while its host does not answer.') : t('Nothing is wrong as far as Quarterdeck can see.')}</p> : null}
        <ul className="qd-findings" aria-label={t('Findings')}>
          {loose.map((cable) => (
            <li key={cable.device.id}>
              <LooseCableAlert domain={domain} loose={cable} cure={<Link to={paths.machine(domain.host, domain.uuid, 'hardware')}>{t('Look at the card')}</Link>} />
            </li>
          ))}
          {findings.map((finding) => (
            <li key={finding.id}>
              <FindingAlert finding={finding} domain={domain} />
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

function FindingAlert({ finding, domain }: { finding: Finding; domain: Domain }) {
  const { act } = useActs();
  const action = useRegistry().find(({ id }) => id === finding.action);
  const reason = action ? domain.actions[action.id] : null;
  const [cures, setCures] = useState(false);
  return (
    <Alert
      variant={finding.severity}
      isInline
      isPlain
      title={finding.title}
      component="h3"
      actionLinks={
        <>
          {action ? (
            <AlertActionLink onClick={() => act(action.id, [domain])} isDisabled={!!reason} title={reason ?? undefined}>
              {action.title}
            </AlertActionLink>
          ) : null}
          {finding.remedy ? (
            <ReasonButton variant="link" isInline reason={domain.actions['edit']} onClick={() => setCures(true)}>
              {finding.remedy.title}
            </ReasonButton>
          ) : null}
          {finding.tab ? <Link to={paths.machine(domain.host, domain.uuid, finding.tab)}>{t('Look at them')}</Link> : null}
          {finding.pool ? <Link to={paths.pool(domain.host, finding.pool)}>{t('Look at the pool {{pool}}', { pool: finding.pool })}</Link> : null}
        </>
      }
    >
      <p>{finding.text}</p>
      {finding.cure ? <p className="qd-cure">{finding.cure}</p> : null}
      {cures && finding.remedy ? <Cure domain={domain} title={finding.remedy.title} remedy={finding.remedy} onClose={() => setCures(false)} /> : null}
    </Alert>
  );
}

/** The change that cures it: shown first, then made. */
function Cure({ domain, title, remedy, onClose }: { domain: Domain; title: string; remedy: Remedy; onClose: () => void }) {
  const undo = useUndo();
  return (
    <ReviewDialog
      title={title}
      verb={title}
      domain={domain}
      change={{ method: remedy.method, path: remedy.path, body: remedy.body }}
      etag={domain.etag}
      onClose={onClose}
      onDone={(answer) => {
        toast.success(`${domain.name}: ${title}`, undefined, undo(answer));
        onClose();
      }}
    />
  );
}
