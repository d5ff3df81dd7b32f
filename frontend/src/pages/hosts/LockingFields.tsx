import { FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import { TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import type { Draft } from './locking';

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** What the chosen kind of protection needs to know. */
export function LockingFields({ draft, onChange }: Props) {
  const text = (name: Exclude<keyof Draft, 'kind'>, label: string, help: string) => (
    <FormGroup key={name} label={label} fieldId={`locking-${name}`}>
      <TextInput id={`locking-${name}`} value={draft[name]} onChange={(_, value) => onChange({ ...draft, [name]: value })} inputMode={name === 'host_id' ? 'numeric' : undefined} />
      <FormHelperText>
        <HelperText>
          <HelperTextItem>{help}</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
  if (draft.kind === 'spaces')
    return (
      <>
        {text('file_space', t('Folder for the locks of disk files'), t('Such as /var/lib/libvirt/shared/locks, on storage that all hosts have at this path.'))}
        {text('lvm_space', t('Folder for the locks of logical volumes'), t('Empty: none of their own.'))}
        {text('scsi_space', t('Folder for the locks of SCSI volumes'), t('Empty: none of their own.'))}
      </>
    );
  if (draft.kind === 'sanlock')
    return (
      <>
        {text('host_id', t('Number of this host'), t('From 1 to 2000; no other host may have it.'))}
        {text('lease_folder', t('Folder of the leases'), t('On storage that all hosts share, such as /var/lib/libvirt/shared/leases.'))}
      </>
    );
  return null;
}
