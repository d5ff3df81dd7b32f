import type { CloneAct, CloneDisk, CloneRequest } from '../../api/clone';
import type { Domain } from '../../api/types';
import { cloudInit, type FirstSettings } from '../../pages/create/cloudInit';

/** A disk as the dialog shows it. `usual` is what becomes of it when nothing is asked. */
export interface DiskLine {
  target: string;
  title: string;
  empty: boolean;
  own: boolean;
  device: string;
  shareable: boolean;
}

/** What the form holds. Its size is that of the original where none is given. */
export interface CloneWish extends Omit<CloneRequest, 'memory_mib' | 'vcpus' | 'cloud_init'> {
  memory_mib?: number | null | undefined;
  vcpus?: number | null | undefined;
  settings: FirstSettings | null;
}

export function firstWish(name: string | null): CloneWish {
  return { name, mode: 'full', disks: [], macs: [], networks: [], host_devices: 'drop', tpm_state: 'new', start: false, template: false, count: 1, settings: null };
}

/** What the server is asked for: a template is neither started nor set up, and several have no addresses in common. */
export function bodyOf({ settings, memory_mib, vcpus, ...wish }: CloneWish): CloneRequest {
  const made = settings && !wish.template ? (cloudInit(settings) as CloneRequest['cloud_init']) : null;
  return { ...wish, macs: wish.count > 1 ? [] : wish.macs, memory_mib: memory_mib ?? null, vcpus: vcpus ?? null, start: wish.start && !wish.template, cloud_init: made };
}

/** The disks and drives of a machine. `own` are those that a clone gets for itself unless asked otherwise. */
export function disksOf(domain: Domain): DiskLine[] {
  return domain.devices.flatMap(({ type, title, saved }) => {
    if (type !== 'disk' || !saved) return [];
    const source = saved['source'] as Record<string, unknown>;
    const empty = !source['file'] && !source['dev'] && !source['volume'] && !source['name'];
    const own = (saved['device'] === 'disk' || saved['device'] === 'floppy') && !saved['readonly'] && !saved['shareable'] && !empty;
    return [{ target: String(saved['target']), title, empty, own, device: String(saved['device']), shareable: saved['shareable'] === true }];
  });
}

/** What becomes of a disk as things stand. */
export function actOf(disk: DiskLine, wish: CloneWish): CloneAct {
  const asked = wish.disks.find((each) => each.target === disk.target)?.act;
  return asked ?? (disk.own ? (wish.mode === 'full' || disk.device === 'floppy' ? 'copy' : 'link') : 'share');
}

/** The wishes with one of a disk changed. */
export function withDisk(wish: CloneWish, target: string, change: Partial<CloneDisk>): CloneDisk[] {
  const before = wish.disks.find((each) => each.target === target) ?? { target, act: null, pool: null, volume: null };
  return [...wish.disks.filter((each) => each.target !== target), { ...before, ...change }];
}

/** A list with one entry put in; what is left out at its end is not named. */
export function withEntry(list: (string | null)[], number: number, value: string): (string | null)[] {
  const next = Array.from({ length: Math.max(list.length, number + 1) }, (_, index) => (index === number ? value.trim() || null : (list[index] ?? null)));
  return next.slice(0, next.findLastIndex(Boolean) + 1);
}
