import { fieldError } from '../../api/problem';
import type { Problem } from '../../api/types';
import { Field } from '../../components/Field';
import { TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import type { Draft } from './locking';

interface Props {
  draft: Draft;
  problem: Problem | null;
  onChange: (draft: Draft) => void;
}

/** What the chosen kind of protection needs to know. */
export function LockingFields({ draft, problem, onChange }: Props) {
  const text = (name: Exclude<keyof Draft, 'kind'>, label: string, help: string) => (
    <Field key={name} id={`locking-${name}`} label={label} help={help} error={fieldError(problem, `/${name}`)}>
      <TextInput id={`locking-${name}`} value={draft[name]} onChange={(_, value) => onChange({ ...draft, [name]: value })} inputMode={name === 'host_id' ? 'numeric' : undefined} />
    </Field>
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
