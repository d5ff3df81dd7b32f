import type { ActDialogProps } from '.';
import { present } from '../api/clone';
import { t } from '../util/i18n';
import { CloneDialog } from './clone/CloneDialog';

/** Copies a machine as it is. */
export default function DomainClone({ domain, onClose }: ActDialogProps) {
  const linked = t('Ready at once and small: its disks hold only what differs, and need those of the original');
  const tpm = domain.state === 'shut_off' ? null : t('The content of a TPM can be copied only while its machine is off.');
  return <CloneDialog domain={domain} source={present(domain)} title={t('Clone {{name}}', { name: domain.name })} linked={{ help: linked }} tpmReason={tpm} onClose={onClose} />;
}
