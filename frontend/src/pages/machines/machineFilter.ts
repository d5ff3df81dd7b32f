import type { DomainStats, DomainSummary } from '../../api/types';
import { stateWord } from '../../util/states';
import { compileFilter, type FilterFields } from '../../util/filter';
import { t } from '../../util/i18n';
import { parseSize } from '../../util/units';

export type StatsOf = (host: string, uuid: string) => DomainStats | undefined;

const percent = (text: string): number | undefined => {
  const value = Number(text.replace(/%$/, ''));
  return Number.isFinite(value) ? value : undefined;
};
const size = (text: string) => parseSize(text, 'M');
const count = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);

/** What `is:` may ask for. */
function marks(domain: DomainSummary): string[] {
  return [
    domain.autostart ? 'autostart' : '',
    domain.changes_pending ? 'pending' : '',
    domain.has_saved_image ? 'saved' : '',
    domain.persistent ? 'persistent' : 'temporary',
    domain.job ? 'busy' : '',
    domain.template ? 'template' : '',
  ];
}

function fields(stats: StatsOf): FilterFields<DomainSummary> {
  const figures = (domain: DomainSummary) => stats(domain.host, domain.uuid);
  return {
    free: (d) => [d.name, d.title, d.description, d.uuid, ...d.addresses, ...d.tags],
    pieces: {
      reason: (d) => [d.reason, d.reason_text],
      name: (d) => [d.name],
      os: (d) => [d.os?.id, d.os?.name],
      ip: (d) => d.addresses,
      uuid: (d) => [d.uuid],
    },
    texts: {
      state: (d) => [d.state, d.state.replace('_', '-'), stateWord(d.state)],
      host: (d) => [d.host],
      tag: (d) => d.tags,
      is: marks,
    },
    numbers: {
      mem: { of: (d) => d.memory_mib * 1024 ** 2, parse: size },
      vcpus: { of: (d) => d.vcpus, parse: count },
      snapshots: { of: (d) => d.snapshots, parse: count },
      cpu: { of: (d) => figures(d)?.cpu_percent, parse: percent },
      used: { of: (d) => mib(figures(d)?.memory_used_mib), parse: size },
      disk: { of: (d) => sum(figures(d)?.disk_read_bytes_s, figures(d)?.disk_write_bytes_s), parse: size },
      net: { of: (d) => sum(figures(d)?.net_rx_bytes_s, figures(d)?.net_tx_bytes_s), parse: size },
    },
  };
}

const mib = (value: number | undefined) => (value === undefined ? undefined : value * 1024 ** 2);
const sum = (a: number | undefined, b: number | undefined) => (a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0));

export function filterMachines(domains: DomainSummary[], text: string, stats: StatsOf) {
  const { fits, unknown } = compileFilter(text, fields(stats));
  return { shown: text.trim() === '' ? domains : domains.filter(fits), unknown };
}

/** Whether the answer changes with every sample of figures. */
export const asksForFigures = (text: string): boolean => /\b(cpu|used|disk|net)\s*[:<>=]/.test(text);

/** For the help of the filter box: example, meaning. */
export function filterHelp(): [string, string][] {
  return [
    ['web', t('anywhere in name, title, description, address, tag or UUID')],
    ['state:running,paused', t('in one of these states: running, paused, off, crashed, asleep')],
    ['host:local', t('on this host')],
    ['tag:web -tag:old', t('with one tag and without the other; a minus means not')],
    ['name:web os:debian ip:10.0.', t('by a piece of the name, the guest system or an address')],
    ['name:web-*', t('by the whole name; * stands for anything')],
    ['mem>2G  vcpus>=4  snapshots>0', t('by size or number')],
    ['cpu>50  used>1G  net>1M', t('by what it does now')],
    ['is:autostart', t('also: pending, saved, temporary, busy, template')],
    ['"two words"', t('quotes keep blanks')],
  ];
}
