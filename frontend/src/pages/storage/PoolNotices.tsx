import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { storageQueries, type Pool } from '../../api/storage';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

/** What is to mind about a pool: an edit that waits, and thin volumes that may outgrow it. */
export function PoolNotices({ pool }: { pool: Pool }) {
  const growth = useQuery({ ...storageQueries.pool(pool.host, pool.name), enabled: pool.active }).data?.growth_bytes ?? 0;
  const values = { growth: formatBytes(growth), free: formatBytes(pool.available_bytes) };
  return (
    <div className="qd-storage-notices">
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
    </div>
  );
}
