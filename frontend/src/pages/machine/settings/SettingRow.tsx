import { useId } from 'react';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { t } from '../../../util/i18n';
import { PendingList } from '../PendingList';

interface Props {
  domain: Domain;
  title: string;
  help: string;
  facts: string[];
  /** Which waiting changes belong here. */
  waits: (field: string) => boolean;
  reason: string | null;
  onEdit: () => void;
}

/** One section of the settings: what is set, what waits, and the way to change it. */
export function SettingRow({ domain, title, help, facts, waits, reason, onEdit }: Props) {
  const id = useId();
  return (
    <li className="qd-device">
      <div className="qd-device-text" role="group" aria-labelledby={id}>
        <strong id={id}>{title}</strong>
        <div className="qd-dim qd-device-facts">{facts.length > 0 ? facts.join(' · ') : help}</div>
        <PendingList domain={domain} only={(change) => change.device === null && waits(change.field)} />
      </div>
      <div className="qd-device-acts">
        <ReasonButton variant="link" reason={reason} aria-label={t('Edit: {{device}}', { device: title })} onClick={onEdit}>
          {t('Edit')}
        </ReasonButton>
      </div>
    </li>
  );
}
