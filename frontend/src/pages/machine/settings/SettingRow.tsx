import { useId } from 'react';
import type { Domain } from '../../../api/types';
import { RowActs } from '../../../components/RowActs';
import { t } from '../../../util/i18n';
import { PendingList } from '../PendingList';
import type { Section } from './useSettings';

interface Props {
  domain: Domain;
  section: Section;
  onEdit: () => void;
}

/** One section of the settings: what is set, what waits, and the way to change it. */
export function SettingRow({ domain, section: { form, facts, help, waits }, onEdit }: Props) {
  const id = useId();
  const title = form.title();
  return (
    <li className="qd-device">
      <div className="qd-device-text" role="group" aria-labelledby={id}>
        <strong id={id}>{title}</strong>
        <div className="qd-dim qd-device-facts">{facts.length > 0 ? facts.join(' · ') : help}</div>
        <PendingList domain={domain} only={(change) => change.device === null && waits(change.field)} />
      </div>
      <RowActs row={title} acts={[{ id: 'edit', title: t('Edit'), label: t('Edit: {{device}}', { device: title }), reason: domain.actions['edit'] ?? null, onAct: onEdit }]} />
    </li>
  );
}
