import { ReasonButton } from '../../components/DisabledReason';
import type { Domain, PendingChange } from '../../api/types';
import { fieldTitle } from '../../util/fields';
import { t } from '../../util/i18n';
import { useDiscard } from './settings/useDiscard';

interface Props {
  domain: Domain;
  /** Which ones to show; all if left out. */
  only?: (change: PendingChange) => boolean;
}

/** Each value that runs, struck through, beside the one that waits, which can be discarded by itself. */
export function PendingList({ domain, only = () => true }: Props) {
  const discard = useDiscard(domain);
  const waiting = domain.pending.filter(only);
  if (waiting.length === 0) return null;
  return (
    <ul className="qd-pending" aria-label={t('Waits for the next start')}>
      {waiting.map((change) => (
        <li key={`${change.device ?? ''}/${change.field}`}>
          <span className="qd-pending-field">{pendingTitle(domain, change)}</span> <OldNew old={change.running} now={change.saved} />{' '}
          <ReasonButton
            variant="link"
            isInline
            size="sm"
            reason={domain.actions['edit']}
            aria-label={t('Discard the waiting change: {{field}}', { field: pendingTitle(domain, change) })}
            onClick={() => void discard(change)}
          >
            {t('Discard')}
          </ReasonButton>
        </li>
      ))}
    </ul>
  );
}

function pendingTitle(domain: Domain, change: PendingChange): string {
  const device = domain.devices.find((one) => one.id === change.device);
  const field = fieldTitle(change.field);
  return change.device ? `${device?.title ?? change.device}: ${field}` : field;
}

export function OldNew({ old, now }: { old: unknown; now: unknown }) {
  return (
    <>
      <del aria-label={t('running now: {{value}}', { value: shown(old) })}>{shown(old)}</del>{' '}
      <ins aria-label={t('at the next start: {{value}}', { value: shown(now) })}>{shown(now)}</ins>
    </>
  );
}

/** A value of any shape in few words. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return t('not set');
  if (value === true) return t('yes');
  if (value === false) return t('no');
  if (Array.isArray(value)) return value.map(shown).join(', ') || t('none');
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => `${name} ${shown(member)}`)
      .join(', ');
  }
  return String(value);
}
