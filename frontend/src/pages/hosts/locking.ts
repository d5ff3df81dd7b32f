import type { Locking, LockingWish } from '../../api/types';
import { t } from '../../util/i18n';
import { wholeOr } from '../../util/units';

export type Kind = 'none' | 'direct' | 'spaces' | 'sanlock';

/** The form as it is typed. */
export interface Draft {
  kind: Kind;
  file_space: string;
  lvm_space: string;
  scsi_space: string;
  host_id: string;
  lease_folder: string;
}

export function kindOf(now: Locking): Kind | null {
  if (now.manager === 'unknown') return null;
  if (now.manager === 'lockd') return Object.keys(now.spaces).length > 0 ? 'spaces' : 'direct';
  return now.manager;
}

export function startOf(now: Locking): Draft {
  return {
    kind: kindOf(now) ?? 'direct',
    file_space: now.spaces['file'] ?? '',
    lvm_space: now.spaces['lvm'] ?? '',
    scsi_space: now.spaces['scsi'] ?? '',
    host_id: now.host_id === null ? '' : String(now.host_id),
    lease_folder: now.lease_folder ?? '',
  };
}

/** What is asked of the server: of a kind only its own fields. */
export function wishOf(draft: Draft): LockingWish {
  const spaces = draft.kind === 'spaces';
  const sanlock = draft.kind === 'sanlock';
  return {
    manager: draft.kind === 'direct' || draft.kind === 'spaces' ? 'lockd' : draft.kind,
    file_space: (spaces && draft.file_space.trim()) || null,
    lvm_space: (spaces && draft.lvm_space.trim()) || null,
    scsi_space: (spaces && draft.scsi_space.trim()) || null,
    host_id: sanlock && draft.host_id.trim() ? (wholeOr(draft.host_id) as number) : null,
    lease_folder: (sanlock && draft.lease_folder.trim()) || null,
  };
}

export function kinds(): { id: Kind; title: string; words: string }[] {
  return [
    {
      id: 'none',
      title: t('QEMU’s own locks'),
      words: t('Needs nothing. QEMU locks the image files that it opens. It holds between hosts where the storage carries locks (NFS 4, Gluster), and not for block devices such as LVM or iSCSI.'),
    },
    {
      id: 'direct',
      title: t('Lock daemon, on the disks themselves'),
      words: t('libvirt’s virtlockd locks each disk file before a machine starts. Enough for files on shared storage that carries locks; block devices are protected on this host only.'),
    },
    {
      id: 'spaces',
      title: t('Lock daemon, in a shared folder'),
      words: t('The locks are small files in a folder that all hosts share, so that block devices are protected between hosts too. Each host needs the same folder at the same path.'),
    },
    {
      id: 'sanlock',
      title: t('sanlock'),
      words: t('Leases on shared storage that are renewed all the time. A host that loses the storage is restarted by its watchdog, so that another may take over. Needs sanlock, wdmd and a watchdog on every host.'),
    },
  ];
}
