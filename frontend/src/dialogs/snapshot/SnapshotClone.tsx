import { DOMAIN } from '../../api/client';
import type { Snapshot } from '../../api/snapshots';
import type { DomainSummary } from '../../api/types';
import { t } from '../../util/i18n';
import { CloneDialog } from '../clone/CloneDialog';

/** Makes a new machine, or a template, that is what this one was when the snapshot was taken. */
export function SnapshotClone({ domain, snapshot, onClose }: { domain: DomainSummary; snapshot: Snapshot; onClose: () => void }) {
  return (
    <CloneDialog
      domain={domain}
      source={{ template: `${DOMAIN}/snapshots/{snapshot}/clone`, path: { host: domain.host, uuid: domain.uuid, snapshot: snapshot.name } }}
      title={t('New machine from {{name}}', { name: snapshot.name })}
      proposed={`${domain.name}-${snapshot.name}`}
      linked={{
        help: t('Made at once, and small; the snapshot cannot be deleted as long as the new machine exists.'),
        reason: snapshot.kind === 'internal' ? t('Nothing can stand on what lies inside a disk.') : null,
      }}
      tpmReason={snapshot.tpm_path ? null : t('This snapshot keeps no copy of it, so the TPM of the new machine is empty.')}
      onClose={onClose}
    />
  );
}
