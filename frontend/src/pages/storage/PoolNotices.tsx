import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { storageQueries, type Pool } from '../../api/storage';
import { t } from '../../util/i18n';
import { dateIn } from '../../util/time';
import { formatBytes } from '../../util/units';

/** So close that somebody should do something about it. */
const SOON_DAYS = 30;
/** Further ahead nobody knows. */
const FAR_DAYS = 730;

/** What is to mind about a pool: an edit that waits, thin volumes that may outgrow it, and by when it is full. */
export function PoolNotices({ pool }: { pool: Pool }) {
  const told = useQuery({ ...storageQueries.pool(pool.host, pool.name), enabled: pool.active }).data;
  const growth = told?.growth_bytes ?? 0;
  const values = { growth: formatBytes(growth), free: formatBytes(pool.available_bytes) };
  return (
    <div className="qd-pool-notices qd-storage-notices">
      {pool.changes_pending ? (
        <Alert variant="info" isInline title={t('An edit waits')}>
          {t('It takes effect when the pool is stopped and started again.')}
        </Alert>
      ) : null}
      {growth > pool.available_bytes ? (
        <Alert variant="warning" isInline title={t('The pool may run full')}>
          {t('Its thin volumes may still take {{growth}}, but only {{free}} is left. A machine pauses when its disk cannot grow.', values)}
        </Alert>
      ) : growth > 0 ? (
        <p className="qd-dim">{t('If all thin volumes grow to their full size they take {{growth}} more; {{free}} is left.', values)}</p>
      ) : null}
      {told?.forecast ? <Forecast forecast={told.forecast} /> : null}
    </div>
  );
}

function Forecast({ forecast: { full_in_days: left, growth_bytes_day: growth, measured_days: days } }: { forecast: NonNullable<Pool['forecast']> }) {
  const values = { days, growth: formatBytes(growth) };
  if (left > FAR_DAYS) return <p className="qd-dim">{t('In the last {{days}} days {{growth}} a day were taken; at that pace there is room for years.', values)}</p>;
  const count = Math.max(left, 1);
  const words = t('In the last {{days}} days {{growth}} a day were taken; at that pace it is full in about {{count}} days, on {{date}}.', { ...values, count, date: dateIn(count) });
  if (left > SOON_DAYS) return <p className="qd-dim">{words}</p>;
  return (
    <Alert variant="warning" isInline title={t('Soon full')}>
      {words} {t('Delete what nobody needs, or add room, before machines pause.')}
    </Alert>
  );
}
