import type { ReactNode } from 'react';
import { fieldTitle } from '../../../util/fields';
import { t } from '../../../util/i18n';
import { shown, shownIn } from '../PendingList';
import type { Difference } from './api';

const WHOLE = 'device';

interface Props {
  changes: Difference[];
  /** So many, then how many more there are. */
  most?: number;
  /** What can be done about one of them. */
  act?: (change: Difference) => ReactNode;
}

/** What changed, in words: each value before and after. */
export function ChangeList({ changes, most = changes.length, act }: Props) {
  return (
    <ul className="qd-pending">
      {changes.slice(0, most).map((change) => (
        <li key={`${change.device ?? ''}/${change.field}`}>
          <Change change={change} /> {act?.(change)}
        </li>
      ))}
      {changes.length > most ? <li className="qd-dim">{t('and {{count}} more', { count: changes.length - most })}</li> : null}
    </ul>
  );
}

function Change({ change }: { change: Difference }) {
  if (change.field === WHOLE) {
    return change.after ? <ins>{t('added: {{device}}', { device: shown(change.after) })}</ins> : <del>{t('removed: {{device}}', { device: shown(change.before) })}</del>;
  }
  const [before, after] = [shownIn(change.field, change.before), shownIn(change.field, change.after)];
  return (
    <>
      <span className="qd-pending-field">{changeTitle(change)}</span> <del aria-label={t('before: {{value}}', { value: before })}>{before}</del>{' '}
      <ins aria-label={t('after: {{value}}', { value: after })}>{after}</ins>
    </>
  );
}

export function changeTitle(change: Difference): string {
  if (change.field === WHOLE) return change.title ?? change.device ?? '';
  return change.device ? `${change.title ?? change.device}: ${fieldTitle(change.field)}` : fieldTitle(change.field);
}
