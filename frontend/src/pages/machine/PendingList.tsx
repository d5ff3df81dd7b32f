import { ReasonButton } from '../../components/DisabledReason';
import type { Domain, PendingChange } from '../../api/types';
import { fieldTitle } from '../../util/fields';
import { t } from '../../util/i18n';
import { formatMib } from '../../util/units';
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
          <span className="qd-pending-field">{pendingTitle(domain, change)}</span> <OldNew field={change.field} old={change.running} now={change.saved} />{' '}
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

export function OldNew({ field, old, now }: { field: string; old: unknown; now: unknown }) {
  const [before, after] = [shownIn(field, old), shownIn(field, now)];
  return (
    <>
      <del aria-label={t('running now: {{value}}', { value: before })}>{before}</del>{' '}
      <ins aria-label={t('at the next start: {{value}}', { value: after })}>{after}</ins>
    </>
  );
}

/** The value of a field, a size with its unit. */
export const shownIn = (field: string, value: unknown): string => (field.endsWith('_mib') && typeof value === 'number' ? formatMib(value) : shown(value));

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
