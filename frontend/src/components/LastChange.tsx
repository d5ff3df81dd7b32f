import type { components } from '../api/schema';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';

/** When something was changed last, and by whom. */
export function LastChange({ change }: { change: components['schemas']['LastChange'] | null | undefined }) {
  if (!change) return <span className="qd-dim">–</span>;
  const time = formatTime(change.time);
  return <>{change.user ? t('{{time}} by {{user}}', { time, user: change.user }) : t('{{time}}, not with Quarterdeck', { time })}</>;
}
