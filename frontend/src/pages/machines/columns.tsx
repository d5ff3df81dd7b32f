import type { ReactNode } from 'react';
import { useDomainStats } from '../../api/stats';
import type { DomainSummary } from '../../api/types';
import { Hint } from '../../components/Hint';
import { MiniBar } from '../../components/MiniBar';
import { MachineState } from '../../components/StateLabel';
import { t } from '../../util/i18n';
import { formatMib, formatRate } from '../../util/units';
import type { StatsOf } from './machineFilter';
import { MachineName } from './MachineName';

export interface Column {
  id: string;
  label: string;
  /** CSS width; the name takes what is left. */
  width?: string;
  /** Shown until the user chooses otherwise. */
  initial: boolean;
  /** Needs live figures to sort. */
  live?: boolean;
  value: (domain: DomainSummary, stats: StatsOf) => string | number | null;
  /** `tabIndex` is for what can be focused in it: only the active row's controls are in the tab order. */
  cell: (domain: DomainSummary, tabIndex: number) => ReactNode;
}

/** Low to high is what people expect of words; of figures they look for the high ones, so these start high to low. */
export const STATE_ORDER = ['crashed', 'paused', 'running', 'shutting_down', 'suspended', 'shut_off', 'unknown'];

export function allColumns(): Column[] {
  return [
    { id: 'name', label: t('Name'), initial: true, value: (d) => d.name, cell: (d, tabIndex) => <MachineName domain={d} tabIndex={tabIndex} /> },
    {
      id: 'state',
      label: t('State'),
      width: '8rem',
      initial: true,
      value: (d) => STATE_ORDER.indexOf(d.state),
      cell: (d) => <MachineState domain={d} />,
    },
    { id: 'host', label: t('Host'), width: '5.5rem', initial: true, value: (d) => d.host, cell: (d) => <Clipped text={d.host} /> },
    {
      id: 'cpu',
      label: t('CPU'),
      width: '6.5rem',
      initial: true,
      live: true,
      value: (d, stats) => stats(d.host, d.uuid)?.cpu_percent ?? -1,
      cell: (d) => <CpuCell domain={d} />,
    },
    {
      id: 'memory',
      label: t('Memory'),
      width: '6.75rem',
      initial: true,
      live: true,
      value: (d, stats) => stats(d.host, d.uuid)?.memory_used_mib ?? -1,
      cell: (d) => <MemoryCell domain={d} />,
    },
    {
      id: 'disk',
      label: t('Disk'),
      width: '5.75rem',
      initial: true,
      live: true,
      value: (d, stats) => rate(stats(d.host, d.uuid), 'disk_read_bytes_s', 'disk_write_bytes_s'),
      cell: (d) => <RateCell domain={d} kind="disk" />,
    },
    {
      id: 'network',
      label: t('Network'),
      width: '5.75rem',
      initial: true,
      live: true,
      value: (d, stats) => rate(stats(d.host, d.uuid), 'net_rx_bytes_s', 'net_tx_bytes_s'),
      cell: (d) => <RateCell domain={d} kind="network" />,
    },
    { id: 'addresses', label: t('Addresses'), width: '8rem', initial: true, value: (d) => d.addresses[0] ?? null, cell: (d, tabIndex) => <Several values={d.addresses} tabIndex={tabIndex} /> },
    { id: 'os', label: t('System'), width: '9rem', initial: false, value: (d) => d.os?.name ?? null, cell: (d) => <Clipped text={d.os?.name ?? '–'} /> },
    { id: 'vcpus', label: t('vCPUs'), width: '5rem', initial: false, value: (d) => d.vcpus, cell: (d) => d.vcpus },
    { id: 'tags', label: t('Tags'), width: '10rem', initial: false, value: (d) => d.tags.join(' ') || null, cell: (d) => <Tags tags={d.tags} /> },
    { id: 'autostart', label: t('Autostart'), width: '6.5rem', initial: false, value: (d) => (d.autostart ? 0 : 1), cell: (d) => (d.autostart ? t('Yes') : t('No')) },
  ];
}

/** Columns whose first click sorts high to low. */
export const HIGH_FIRST = new Set(['cpu', 'memory', 'disk', 'network', 'vcpus']);

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** A sorted copy. Machines that have no value come last in either direction; equal ones go by name. */
export function sortMachines(domains: DomainSummary[], column: Column, descending: boolean, stats: StatsOf): DomainSummary[] {
  const keyed = domains.map((domain) => ({ domain, value: column.value(domain, stats) }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) {
      if (a.value !== b.value) return a.value === null ? 1 : -1;
    } else {
      const order = typeof a.value === 'number' && typeof b.value === 'number' ? a.value - b.value : words.compare(String(a.value), String(b.value));
      if (order !== 0) return order * sign;
    }
    return words.compare(a.domain.name, b.domain.name);
  });
  return keyed.map(({ domain }) => domain);
}

type Figure = 'disk_read_bytes_s' | 'disk_write_bytes_s' | 'net_rx_bytes_s' | 'net_tx_bytes_s';

function rate(stats: ReturnType<StatsOf>, a: Figure, b: Figure): number {
  return stats ? stats[a] + stats[b] : -1;
}

export function CpuCell({ domain }: { domain: DomainSummary }) {
  const stats = useDomainStats(domain.host, domain.uuid);
  if (!stats) return <span className="qd-dim">–</span>;
  return <MiniBar percent={stats.cpu_percent} label={t('CPU')} />;
}

export function MemoryCell({ domain }: { domain: DomainSummary }) {
  const stats = useDomainStats(domain.host, domain.uuid);
  const total = formatMib(domain.memory_mib);
  if (!stats) return <span className="qd-dim">{total}</span>;
  const share = (100 * stats.memory_used_mib) / Math.max(domain.memory_mib, 1);
  return <MiniBar percent={share} label={t('Memory')} text={total} />;
}

function RateCell({ domain, kind }: { domain: DomainSummary; kind: 'disk' | 'network' }) {
  const stats = useDomainStats(domain.host, domain.uuid);
  if (!stats) return <span className="qd-dim">–</span>;
  const [first, second] = kind === 'disk' ? [stats.disk_read_bytes_s, stats.disk_write_bytes_s] : [stats.net_rx_bytes_s, stats.net_tx_bytes_s];
  const [one, two] = kind === 'disk' ? [t('read'), t('written')] : [t('received'), t('sent')];
  return (
    <span className="qd-rates">
      <Rate label={one} sign={kind === 'disk' ? 'R' : '↓'} value={first} />
      <Rate label={two} sign={kind === 'disk' ? 'W' : '↑'} value={second} />
    </span>
  );
}

function Rate({ label, sign, value }: { label: string; sign: string; value: number }) {
  return (
    <span className={value < 1 ? 'qd-dim' : undefined}>
      <span aria-hidden className="qd-sign">
        {sign}
      </span>
      <span className="pf-v6-screen-reader">{label} </span>
      {formatRate(value)}
    </span>
  );
}

function Clipped({ text }: { text: string }) {
  return (
    <span className="qd-clip" title={text}>
      {text}
    </span>
  );
}

function Several({ values, tabIndex }: { values: string[]; tabIndex: number }) {
  const [first, ...rest] = values;
  if (!first) return <span className="qd-dim">–</span>;
  return (
    <span className="qd-several">
      <Clipped text={first} />
      {rest.length > 0 ? (
        <Hint text={values.join(', ')}>
          <button type="button" tabIndex={tabIndex} className="qd-more" aria-label={t('{{count}} more: {{list}}', { count: rest.length, list: rest.join(', ') })}>
            +{rest.length}
          </button>
        </Hint>
      ) : null}
    </span>
  );
}

export function Tags({ tags }: { tags: string[] }) {
  return (
    <span className="qd-tags" title={tags.join(', ')}>
      {tags.slice(0, 3).map((tag) => (
        <span key={tag} className="qd-tag">
          {tag}
        </span>
      ))}
      {tags.length > 3 ? <span className="qd-dim">+{tags.length - 3}</span> : null}
    </span>
  );
}
