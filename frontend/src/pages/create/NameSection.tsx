import { FormSelectOption } from '@patternfly/react-core';
import type { Host } from '../../api/types';
import { FormSelect, TextInput } from '../../components/inputs';
import { CountInput } from '../../components/CountInput';
import { t } from '../../util/i18n';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';

interface Props extends SectionProps {
  hosts: Host[];
  onHost: (id: string) => void;
}

/** What the machine is called, how many of it there are, and where. */
export function NameSection({ draft, resolved, set, errors, host, hosts, onHost }: Props) {
  const count = draft.count ?? 1;
  return (
    <div className="qd-form-pair">
      <PointedField id="name" label={t('Name')} pointers={['/name']} errors={errors} fault={resolved.name.trim() === '' ? t('Give it a name.') : undefined} help={count > 1 ? t('{n} in the name stands for the number of each.') : undefined} isRequired>
        <TextInput id="name" value={resolved.name} onChange={(_, name) => set({ name })} isRequired />
      </PointedField>
      <PointedField id="count" label={t('How many')} pointers={['/count']} errors={errors}>
        <CountInput name="count" value={count} max={50} onChange={(wanted) => set({ count: wanted > 1 ? wanted : undefined })} />
      </PointedField>
      {hosts.length > 1 ? (
        <PointedField id="host" label={t('Host')} pointers={[]} errors={[]}>
          <FormSelect id="host" value={host.id} onChange={(_, id) => onHost(id)}>
            {hosts.map((known) => (
              <FormSelectOption key={known.id} value={known.id} label={known.name} />
            ))}
          </FormSelect>
        </PointedField>
      ) : null}
    </div>
  );
}
