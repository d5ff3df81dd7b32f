import type { ReactNode } from 'react';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { fieldTitle } from '../../../util/fields';
import { t } from '../../../util/i18n';
import { cpuText, memoryText } from '../overview/texts';
import { OldNew } from '../PendingList';

interface Props {
  domain: Domain;
  reason: string | null;
  onProcessors: () => void;
  onMemory: () => void;
}

/** Processors and memory, which belong to the machine itself. */
export function MachineRows({ domain, reason, onProcessors, onMemory }: Props) {
  return (
    <>
      <Row title={t('Processors')} reason={reason} onEdit={onProcessors} facts={cpuText(domain)}>
        <Waiting domain={domain} fields={/^(vcpus|cpu)/} />
      </Row>
      <Row title={t('Memory')} reason={reason} onEdit={onMemory} facts={memoryText(domain)}>
        <Waiting domain={domain} fields={/^memory/} />
      </Row>
    </>
  );
}

interface RowProps {
  title: string;
  facts: string;
  reason: string | null;
  onEdit: () => void;
  children: ReactNode;
}

function Row({ title, facts, reason, onEdit, children }: RowProps) {
  return (
    <li className="qd-device">
      <div className="qd-device-text">
        <strong>{title}</strong>
        <div className="qd-dim qd-device-facts">{facts}</div>
        {children}
      </div>
      <div className="qd-device-acts">
        <ReasonButton variant="link" reason={reason} aria-label={t('Edit: {{device}}', { device: title })} onClick={onEdit}>
          {t('Edit')}
        </ReasonButton>
      </div>
    </li>
  );
}

function Waiting({ domain, fields }: { domain: Domain; fields: RegExp }) {
  const waiting = domain.pending.filter((change) => change.device === null && fields.test(change.field));
  if (waiting.length === 0) return null;
  return (
    <ul className="qd-pending" aria-label={t('Waits for the next start')}>
      {waiting.map((change) => (
        <li key={change.field}>
          <span className="qd-pending-field">{fieldTitle(change.field)}</span> <OldNew old={change.running} now={change.saved} />
        </li>
      ))}
    </ul>
  );
}
