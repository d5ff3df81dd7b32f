import type { CloneAct, CloneDisk, CloneRequest } from '../../api/clone';
import type { Domain } from '../../api/types';

/** A disk as the dialog shows it. `usual` is what becomes of it when nothing is asked. */
export interface DiskLine {
  target: string;
  title: string;
  empty: boolean;
  own: boolean;
  device: string;
  shareable: boolean;
}

export function firstWish(): CloneRequest {
  return { name: null, mode: 'full', disks: [], macs: [], host_devices: 'drop', tpm_state: 'new', start: false, template: false, count: 1, cloud_init: null };
}

/** The disks and drives of a machine. `own` are those that a clone gets for itself unless asked otherwise. */
export function disksOf(domain: Domain): DiskLine[] {
  return domain.devices.flatMap(({ type, title, saved }) => {
    if (type !== 'disk' || !saved) return [];
    const source = saved['source'] as Record<string, unknown>;
    const empty = !source['file'] && !source['dev'] && !source['volume'] && !source['name'];
    const own = saved['device'] === 'disk' && !saved['readonly'] && !saved['shareable'] && !empty;
    return [{ target: String(saved['target']), title, empty, own, device: String(saved['device']), shareable: saved['shareable'] === true }];
  });
}

/** What becomes of a disk as things stand. */
export function actOf(disk: DiskLine, wish: CloneRequest): CloneAct {
  const asked = wish.disks.find((each) => each.target === disk.target)?.act;
  return asked ?? (disk.own ? (wish.mode === 'full' ? 'copy' : 'link') : 'share');
}

/** The wishes with one of a disk changed. */
export function withDisk(wish: CloneRequest, target: string, change: Partial<CloneDisk>): CloneDisk[] {
  const before = wish.disks.find((each) => each.target === target) ?? { target, act: null, pool: null, volume: null };
  return [...wish.disks.filter((each) => each.target !== target), { ...before, ...change }];
}
