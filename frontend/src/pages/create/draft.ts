import { lacks, usualPool, type Network, type Pool } from '../../api/storage';
import type { CreateBody } from '../../api/appliances';
import type { Medium, System } from '../../api/systems';
import { t } from '../../util/i18n';
import { sizeFault } from '../../util/units';
import { passphraseFault } from '../storage/passphrase';
import { isPrepared, unanswered, unasked, unattended, type Answers } from './answers';
import { cloudInit, NO_SETTINGS, type FirstSettings } from './cloudInit';

export type Method = 'iso' | 'tree' | 'cloud_image' | 'import' | 'pxe' | 'none';
export type DiskKind = 'new' | 'volume' | 'none';
export type Nic = { kind: 'network'; name: string } | { kind: 'bridge'; name: string } | { kind: 'none' };

/** Devices that may be left out, by the words of the API. */
export type Optional = 'tablet' | 'serial' | 'agent' | 'rng' | 'memballoon' | 'tpm' | 'video';

/** What the user chose. Undefined is "as proposed", so that a proposal follows the system until somebody overrules it. */
export interface Draft {
  host?: string;
  method?: Method;
  name?: string;
  /** How many machines; one if left out. */
  count?: number;
  medium?: Medium;
  /** The address of an installation tree, and what its kernel is told. */
  url?: string;
  kernelArgs?: string;
  /** The cloud image, and how the disk comes from it. */
  image?: Medium;
  copyMode?: 'linked' | 'full';
  settings?: FirstSettings;
  /** What the installer finds instead of asking. */
  answers?: Answers;
  /** Null is a system that the list does not have. */
  system?: System | null;
  memory_mib?: number | null;
  vcpus?: number | null;
  diskKind?: DiskKind;
  disk_mib?: number | null;
  pool?: string;
  format?: string;
  bus?: string;
  /** Of a new disk that is encrypted. */
  passphrase?: string;
  /** The existing disk, for import and for a disk that is a volume. */
  volume?: Medium;
  nic?: Nic;
  nicModel?: string;
  /** What was taken over from another product: with its disk goes all of it that the form has no field for. */
  taken?: CreateBody;
  firmware?: 'bios' | 'uefi';
  graphics?: 'vnc' | 'none';
  without: Optional[];
  autostart: boolean;
  start: boolean;
}

export const EMPTY: Draft = { without: [], autostart: false, start: true };

/** What the proposals depend on. */
export interface Facts {
  host: string;
  detected: System | null;
  pools: Pool[];
  networks: Network[];
  /** Names that machines of the host have. */
  names: string[];
}

/** The draft with every proposal filled in. */
export interface Resolved {
  method: Method;
  name: string;
  system: System | null;
  memory_mib: number | null;
  vcpus: number | null;
  diskKind: DiskKind;
  disk_mib: number | null;
  pool: Pool | undefined;
  format: string;
  nic: Nic;
}

const MEMORY_MIB = 2048;
const DISK_GIB = 20;

export function resolve(draft: Draft, facts: Facts): Resolved {
  const method = draft.method ?? 'iso';
  const system = draft.system === undefined ? facts.detected : draft.system;
  const active = facts.pools.filter((pool) => pool.active && !lacks(pool, 'create'));
  const pool = active.find((known) => known.name === draft.pool) ?? usualPool(active);
  const or = <T>(chosen: T | undefined, proposed: T): T => (chosen === undefined ? proposed : chosen);
  return {
    method,
    name: draft.name ?? proposeName(nameOf(method, draft, system), facts.names),
    system,
    memory_mib: or(draft.memory_mib, system?.recommended.memory_mib ?? MEMORY_MIB),
    vcpus: or(draft.vcpus, system?.recommended.vcpus ?? 1),
    diskKind: method === 'import' ? 'volume' : method === 'cloud_image' ? 'new' : (draft.diskKind ?? 'new'),
    disk_mib: or(draft.disk_mib, (system?.recommended.disk_gib ?? DISK_GIB) * 1024),
    pool,
    format: draft.format && pool?.formats.includes(draft.format) ? draft.format : (pool?.formats[0] ?? 'raw'),
    nic: draft.nic ?? proposeNic(facts.networks),
  };
}

/** The network that is meant where nobody says one. */
export function usualNetwork(networks: Network[]): Network | undefined {
  return networks.find((known) => known.name === 'default') ?? networks.find((known) => known.active);
}

function proposeNic(networks: Network[]): Nic {
  const found = usualNetwork(networks);
  return found ? { kind: 'network', name: found.name } : { kind: 'none' };
}

/** A machine made of a disk is called like it: that has been another machine, or is named for one. */
function nameOf(method: Method, draft: Draft, system: System | null): string {
  if (method === 'import') return stem(draft.volume);
  return system?.short_id ?? stem(method === 'cloud_image' ? draft.image : draft.medium);
}

/** The file's name without its ending, as far as it fits for a machine. */
function stem(medium: Medium | undefined): string {
  const file = medium === undefined ? '' : 'path' in medium ? (medium.path.split('/').pop() ?? '') : medium.volume;
  return file.replace(/\.[^.]*$/, '').replace(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'machine';
}

/** This name, with a number where a machine has it already. */
export function proposeName(base: string, names: string[]): string {
  const taken = new Set(names);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** What is still missing before the server can be asked; null when nothing is. */
export function missing(draft: Draft, resolved: Resolved): string | null {
  if (resolved.method === 'iso' && !draft.medium) return t('Choose the installation medium.');
  if (resolved.method === 'tree' && !draft.url?.trim()) return t('Give the address of the tree.');
  if (resolved.method === 'cloud_image' && !draft.image) return t('Choose the image.');
  if (resolved.diskKind === 'volume' && !draft.volume) return t('Choose the disk.');
  const open = draft.answers && isAsked(resolved) ? unanswered(draft.answers) : null;
  if (open) return open;
  if (resolved.name.trim() === '') return t('Give it a name.');
  if (!resolved.memory_mib) return sizeFault(resolved.memory_mib) ?? t('Give it memory.');
  if (resolved.vcpus === null) return t('Give it a vCPU.');
  if (resolved.diskKind === 'new' && !resolved.pool) return t('A new disk needs a pool that runs.');
  if (resolved.diskKind === 'new' && !resolved.disk_mib) return sizeFault(resolved.disk_mib) ?? t('Give the disk a size.');
  const wrong = resolved.diskKind === 'new' && resolved.method !== 'cloud_image' ? passphraseFault(draft.passphrase ?? null) : null;
  if (wrong) return wrong;
  if (resolved.nic.kind === 'bridge' && resolved.nic.name === '') return t('Name the bridge.');
  return null;
}

/** The body of the call that creates the machine. What was taken over holds as `devices` the cards that were cut off. */
export function toBody(draft: Draft, resolved: Resolved): Record<string, unknown> {
  const { method } = resolved;
  const taken = takenAlong(draft, method);
  return {
    ...(taken?.description ? { description: taken.description } : {}),
    ...(taken?.cpu && taken.vcpus === resolved.vcpus ? { cpu: taken.cpu } : {}),
    ...(taken?.tpm && !draft.without.includes('tpm') ? { tpm: true } : {}),
    ...(taken?.secure_boot && draft.firmware === 'uefi' ? { secure_boot: true } : {}),
    name: resolved.name,
    count: draft.count,
    os: resolved.system?.short_id,
    install: install(draft, resolved),
    memory_mib: resolved.memory_mib,
    vcpus: resolved.vcpus,
    firmware: draft.firmware,
    disks: [...disks(draft, resolved), ...(taken?.disks?.slice(1) ?? [])],
    nics: nics(draft, resolved, taken),
    devices: taken?.devices?.slice(resolved.nic.kind === 'none' || taken.nics?.length ? 0 : 1),
    graphics: draft.graphics,
    without: draft.without.length > 0 ? draft.without : undefined,
    autostart: draft.autostart || undefined,
    start: draft.start,
  };
}

function nics({ nicModel: model }: Draft, { nic }: Resolved, taken: CreateBody | null): unknown[] {
  if (nic.kind === 'none') return [];
  const [first, ...more] = taken?.nics ?? [];
  const card = first ?? (taken?.devices?.[0] as { mac?: string | null } | undefined);
  return [{ [nic.kind]: nic.name, model, ...(card?.mac ? { mac: card.mac } : {}) }, ...more];
}

/** What goes along, as long as the disk is the one that was taken over. */
function takenAlong({ taken, volume }: Draft, method: Method): CreateBody | null {
  const disk = taken?.disks?.[0];
  const same = disk && volume && 'pool' in volume && disk.pool === volume.pool && disk.volume === volume.volume;
  return taken && same && method === 'import' ? taken : null;
}

function nicOf(nic: NonNullable<CreateBody['nics']>[number] | undefined): Nic {
  if (nic?.bridge) return { kind: 'bridge', name: nic.bridge };
  return nic?.network ? { kind: 'network', name: nic.network } : { kind: 'none' };
}

/** The form for a machine of another product whose disks are converted. */
export function takeOver(taken: CreateBody, system: System | null): Partial<Draft> {
  const disk = taken.disks?.[0];
  const nic = taken.nics?.[0] ?? (taken.devices?.[0] as { model?: string | null } | undefined);
  return {
    taken,
    method: 'import',
    name: taken.name,
    volume: disk?.pool && disk.volume ? { pool: disk.pool, volume: disk.volume } : undefined,
    bus: disk?.bus ?? undefined,
    system: system ?? undefined,
    memory_mib: taken.memory_mib ?? undefined,
    vcpus: taken.vcpus ?? undefined,
    nic: nicOf(taken.nics?.[0]),
    nicModel: nic?.model ?? undefined,
    firmware: taken.firmware === 'uefi' ? 'uefi' : undefined,
    start: false,
  };
}

/** The address of a tree; a folder of the host may be given as such. */
export function treeAddress(text: string | undefined): string {
  const typed = text?.trim() ?? '';
  return typed.startsWith('/') ? `file://${encodeURI(typed)}` : typed;
}

/** Whether there is somebody who asks and can find answers. */
const isAsked = (resolved: Pick<Resolved, 'method' | 'system'>) => resolved.method !== 'pxe' && resolved.method !== 'none' && !unasked(resolved);

function install(draft: Draft, { method, system }: Resolved): Record<string, unknown> {
  const windows = system?.family === 'winnt';
  const given = draft.answers && isAsked({ method, system }) ? { unattended: unattended(draft.answers, windows, isPrepared(method)) } : null;
  const answers = given ?? {};
  if (method === 'cloud_image') return { method, ...draft.image, copy_mode: draft.copyMode, ...(given ?? { cloud_init: cloudInit(draft.settings ?? NO_SETTINGS) }) };
  if (method === 'import') return { method, ...answers };
  if (method === 'tree') return { method, url: treeAddress(draft.url), kernel_args: draft.kernelArgs || undefined, ...answers };
  const args = windows ? undefined : draft.kernelArgs || undefined;
  return { method, ...(method === 'iso' ? { ...draft.medium, kernel_args: args, ...answers } : {}) };
}

function disks(draft: Draft, resolved: Resolved): Record<string, unknown>[] {
  const { bus } = draft;
  if (resolved.diskKind === 'none') return [];
  if (resolved.diskKind === 'volume') return [{ ...draft.volume, bus }];
  return [{ pool: resolved.pool?.name, size_gib: (resolved.disk_mib ?? 0) / 1024, format: resolved.format, bus, passphrase: resolved.method === 'cloud_image' ? undefined : draft.passphrase }];
}
