import { Card, CardBody } from '@patternfly/react-core';
import { Link } from 'react-router';
import { useRoom } from '../../../api/live';
import { useDomainStats } from '../../../api/stats';
import type { Domain } from '../../../api/types';
import { MiniBar } from '../../../components/MiniBar';
import { paths } from '../../../paths';
import { t } from '../../../util/i18n';
import { formatMib, formatRate } from '../../../util/units';

/** What it uses just now. */
export function LiveFigures({ domain }: { domain: Domain }) {
  useRoom(`stats:${domain.host}`);
  const stats = useDomainStats(domain.host, domain.uuid);
  const off = domain.state === 'shut_off' || domain.state === 'crashed';
  const now = off ? undefined : stats;
  return (
    <Card isCompact component="section" aria-label={t('Use now')}>
      <CardBody>
        <dl className="qd-figures">
          <dt>{t('CPU')}</dt>
          <dd>
            <MiniBar percent={now?.cpu_percent} label={t('CPU')} />
          </dd>
          <dt>{t('Memory')}</dt>
          <dd>
            <MiniBar
              percent={now && (100 * now.memory_used_mib) / Math.max(domain.memory_mib, 1)}
              label={t('Memory')}
              text={now ? t('{{used}} of {{all}}', { used: formatMib(now.memory_used_mib), all: formatMib(domain.memory_mib) }) : undefined}
            />
          </dd>
          <dt>{t('Disk')}</dt>
          <dd>{t('{{read}} read, {{written}} written', { read: formatRate(now?.disk_read_bytes_s), written: formatRate(now?.disk_write_bytes_s) })}</dd>
          <dt>{t('Network')}</dt>
          <dd>{t('{{in}} in, {{out}} out', { in: formatRate(now?.net_rx_bytes_s), out: formatRate(now?.net_tx_bytes_s) })}</dd>
        </dl>
        <Link to={paths.machine(domain.host, domain.uuid, 'performance')}>{t('Charts')}</Link>
      </CardBody>
    </Card>
  );
}
