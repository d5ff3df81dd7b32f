import { DOMAIN } from '../../api/client';
import type { Snapshot } from '../../api/snapshots';
import type { Domain } from '../../api/types';
import { t } from '../../util/i18n';
import { EarlierClone } from '../clone/EarlierClone';

/** Makes a new machine, or a template, that is what this one was when the snapshot was taken. */
export function SnapshotClone({ domain, snapshot, onClose }: { domain: Domain; snapshot: Snapshot; onClose: () => void }) {
  return (
    <EarlierClone
      domain={domain}
      title={t('New machine from {{name}}', { name: snapshot.name })}
      proposed={`${domain.name}-${snapshot.name}`}
      template={`${DOMAIN}/snapshots/{snapshot}/clone`}
      path={{ host: domain.host, uuid: domain.uuid, snapshot: snapshot.name }}
      linked={{
        help: t('Made at once, and small; the snapshot cannot be deleted as long as the new machine exists.'),
        reason: snapshot.kind === 'internal' ? t('Nothing can stand on what lies inside a disk.') : null,
      }}
      tpm={domain.devices.some((device) => device.type === 'tpm') ? { reason: snapshot.tpm_path ? null : t('This snapshot keeps no copy of it, so the TPM of the new machine is empty.') } : undefined}
      onClose={onClose}
    />
  );
}
