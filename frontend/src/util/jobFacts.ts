import type { Job } from '../api/types';
import { t } from './i18n';
import { formatBytes, formatRate } from './units';

type Fact = [string, string];
type Words = [string, (value: number) => string];

const limits = (): Record<string, Words> => ({
  bandwidth_mib_s: [t('Bandwidth limit'), (value) => (value ? `${value} MiB/s` : t('none'))],
  post_copy_bandwidth_mib_s: [t('Bandwidth limit after the switch'), (value) => (value ? `${value} MiB/s` : t('none'))],
  max_downtime_ms: [t('Longest pause allowed'), (value) => `${value} ms`],
});

const amounts = (): Record<string, Words> => ({
  received_bytes: [t('Received'), formatBytes],
  done_bytes: [t('Written'), formatBytes],
  total_bytes: [t('In all'), formatBytes],
});

const passing = (): Record<string, Words> => ({
  remaining_bytes: [t('Remaining'), formatBytes],
  rate_bytes_s: [t('Rate'), formatRate],
});

/** What a job tells of itself, in words and with units. The figures of a move have a place of their own. */
export function jobFacts(job: Job): Fact[] {
  const { disk, hosts, post_copy_allowed: postCopy } = job.details;
  const known = job.kind === 'migration' ? limits() : { ...amounts(), ...(job.ended ? {} : passing()), ...limits() };
  const facts = Object.entries(known).flatMap(([name, [label, show]]): Fact[] => {
    const value = job.details[name];
    return typeof value === 'number' ? [[label, show(value)]] : [];
  });
  if (typeof disk === 'string') facts.unshift([t('Disk'), disk]);
  if (typeof postCopy === 'boolean') facts.push([t('Post-copy'), postCopy ? t('allowed') : t('not allowed')]);
  if (hosts && typeof hosts === 'object') facts.push(...Object.entries(hosts).map(([host, said]): Fact => [t('On {{host}}', { host }), String(said)]));
  return facts;
}

/** What a job that is done has done, by its kind and result. Kinds that are not here say it themselves. */
const ends = ({ name = '', snapshot = '', deleted = '', disks }: Record<string, unknown>): Record<string, string> => ({
  'take-snapshot': t('Took the snapshot {{name}}', { name: String(name) }),
  'delete-snapshot': t('Deleted {{names}}', { names: [deleted].flat().join(', ') }),
  revert: t('Went back to {{snapshot}}', { snapshot: String(snapshot) }),
  'power-cycle': t('It was stopped and started again'),
  save: t('Its memory is on the disk, and it is off'),
  'boot-installed': t('It was started from its disk'),
  create: t('It is made'),
  'network-restart': t('The network was restarted, and its machines are on it again'),
  upload: t('Everything has arrived'),
  download: t('It was downloaded and checked'),
  convert: t('It was converted'),
  export: t('The export is complete'),
  'volume-encrypt': t('The encrypted volume is made'),
  'volume-clone': t('It was copied'),
  'volume-wipe': t('It was overwritten'),
  'move-disk': Array.isArray(disks) && disks.length > 1 ? t('The disks were moved') : t('The disk was moved'),
  'device-remove': t('It is gone from the machine'),
});

/** What a job does just now, or has done: its own words, else those of its kind or phase. */
export function jobWords({ kind, state, phase, message, result }: Pick<Job, 'kind' | 'state' | 'phase' | 'message' | 'result'>): string {
  const phases: Record<string, string> = {
    connect: t('Connecting'),
    download: t('Downloading'),
    upload: t('Uploading'),
    unpack: t('Unpacking'),
    check: t('Checking what came'),
    place: t('Putting it in its place'),
    copy: t('Copying'),
  };
  const end = state === 'done' ? ends((result ?? {}) as Record<string, unknown>)[kind] : undefined;
  return end ?? (message || (phases[phase] ?? phase));
}
