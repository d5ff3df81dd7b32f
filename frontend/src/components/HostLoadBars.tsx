import type { HostLoad } from '../api/types';
import { t } from '../util/i18n';
import { formatMib } from '../util/units';
import { MiniBar } from './MiniBar';

/** How busy a host is just now: its processors, its memory, and how many processes wait for a processor. */
export function HostLoadBars({ load }: { load: HostLoad | null }) {
  if (!load) return <span className="qd-dim">{t('Measuring')}</span>;
  return (
    <span className="qd-load">
      <MiniBar percent={load.cpu_percent} label={t('Processors busy')} text={t('{{percent}} % of the processors busy', { percent: Math.round(load.cpu_percent) })} />
      <MiniBar
        percent={(100 * load.memory_used_mib) / Math.max(load.memory_mib, 1)}
        label={t('Memory in use')}
        text={t('{{used}} of {{total}} memory in use', { used: formatMib(load.memory_used_mib), total: formatMib(load.memory_mib) })}
      />
      {load.load_per_cpu === null ? null : <span className="qd-dim">{t('Load of {{load}} for each processor', { load: load.load_per_cpu.toFixed(2) })}</span>}
    </span>
  );
}

/** How far a host's clock is from this server's, in words. */
export function clockWords(seconds: number): string {
  const off = Math.abs(seconds);
  if (off < 2) return t('in step with this server');
  return seconds > 0
    ? t('{{seconds}} s ahead of this server: let both take their time from the network', { seconds: Math.round(off) })
    : t('{{seconds}} s behind this server: let both take their time from the network', { seconds: Math.round(off) });
}
