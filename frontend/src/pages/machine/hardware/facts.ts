import type { DeviceValue, DomainVolume } from '../../../api/types';
import { t } from '../../../util/i18n';
import { formatBytes } from '../../../util/units';
import { shown } from '../PendingList';
import { isDisk, isInterface, type DiskValue, type InterfaceValue } from './values';

export type GroupId = 'disks' | 'network' | 'screen' | 'other';

const GROUP: Record<string, GroupId> = {
  disk: 'disks',
  filesystem: 'disks',
  interface: 'network',
  graphics: 'screen',
  video: 'screen',
  input: 'screen',
  sound: 'screen',
};

export const groupOf = (type: string): GroupId => GROUP[type] ?? 'other';

export function groupTitle(group: GroupId): string {
  const words: Record<GroupId, string> = {
    disks: t('Disks'),
    network: t('Network'),
    screen: t('Display and input'),
    other: t('Other'),
  };
  return words[group];
}

/** What is worth saying about a device in one line, beyond its title. */
export function deviceFacts(value: DeviceValue, volume?: DomainVolume): string[] {
  if (isDisk(value)) return diskFacts(value, volume);
  if (isInterface(value)) return interfaceFacts(value);
  const others = Object.entries(value)
    .filter(([name, member]) => !QUIET.has(name) && isTelling(member))
    .map(([name, member]) => (member === true ? name.replaceAll('_', ' ') : `${name.replaceAll('_', ' ')} ${shown(member)}`));
  return value.type === 'graphics' ? [listening(value['listens'] as { address: string | null }[]), ...others] : others;
}

const listening = ([first]: { address: string | null }[]): string => (first?.address ? t('reached at {{address}}', { address: first.address }) : t('no open port'));

/** What every device has, or what only says how libvirt wires it. */
const QUIET = new Set(['type', 'kind', 'index', 'slot', 'function', 'summary', 'log_append', 'listens', 'autoport']);

function isTelling(member: unknown): boolean {
  if (typeof member === 'object' && member !== null && !Array.isArray(member)) return Object.values(member).some(isTelling);
  // A port of -1 is one that is chosen at each start.
  return member !== null && member !== -1 && member !== undefined && member !== false && !(Array.isArray(member) && member.length === 0);
}

function diskFacts(disk: DiskValue, volume: DomainVolume | undefined): string[] {
  return [
    disk.bus ?? '',
    volume?.size_bytes ? formatBytes(volume.size_bytes) : '',
    disk.format ?? '',
    disk.cache && disk.cache !== 'default' ? t('cache {{mode}}', { mode: disk.cache }) : '',
    disk.io ? t('io {{mode}}', { mode: disk.io }) : '',
    disk.discard ? t('discard {{mode}}', { mode: disk.discard }) : '',
    disk.readonly && disk.device === 'disk' ? t('read-only') : '',
    disk.shareable ? t('shareable') : '',
    disk.serial ? t('serial {{serial}}', { serial: disk.serial }) : '',
    volume?.pool ? t('pool {{pool}}', { pool: volume.pool }) : '',
    disk.source.file ?? disk.source.dev ?? '',
  ].filter(Boolean);
}

function interfaceFacts(nic: InterfaceValue): string[] {
  return [nic.model ?? t('model as libvirt chooses'), nic.link === 'down' ? t('cable out') : '', nic.mtu ? t('MTU {{mtu}}', { mtu: nic.mtu }) : ''].filter(Boolean);
}
