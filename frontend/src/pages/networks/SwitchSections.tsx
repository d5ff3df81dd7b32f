import { FormSelectOption } from '@patternfly/react-core';
import { FormSelect } from '../../components/inputs';
import { Field } from '../../components/Field';
import { Folded } from '../../components/Folded';
import { Rows } from '../../components/Rows';
import { t } from '../../util/i18n';
import { PORT_PARAMETERS, type Settings } from './settings';
import { Text } from './Text';

interface Props {
  settings: Settings;
  set: (changes: Partial<Settings>) => void;
  error: (pointer: string) => string | undefined;
  /** Whether something is wrong with one of these members. */
  wrong: (pointers: string[]) => boolean;
}

/** Networks behind a machine of this one, which the host then reaches. */
export function Routes({ settings, set, error, wrong }: Props) {
  const onRows = (rows: NonNullable<Settings['routes']>) => set({ routes: rows.map((row) => ({ ...row, family: (row.address ?? '').includes(':') ? 'ipv6' : 'ipv4' })) });
  return (
    <Folded title={t('Static routes')} wrong={wrong(['/routes'])}>
      <Rows
        label={t('Networks behind a machine of this one')}
        one={t('route')}
        columns={[
          { name: 'address', label: t('Network'), placeholder: '10.8.0.0' },
          { name: 'prefix', label: t('Prefix'), kind: 'number', placeholder: '24' },
          { name: 'gateway', label: t('By the address') },
          { name: 'metric', label: t('Metric'), kind: 'number' },
        ]}
        rows={settings.routes ?? []}
        error={(pointer) => error(`/routes${pointer}`)}
        onRows={onRows}
      />
    </Folded>
  );
}

/** How cards are joined to a switch outside of libvirt: by what kind of port, in which VLANs. */
export function SwitchPort(fields: Props) {
  const { settings, set, error, wrong } = fields;
  const told = PORT_PARAMETERS[settings.virtualport ?? ''] ?? [];
  const words: Partial<Record<keyof Settings, string>> = {
    profile_id: t('Port profile'),
    interface_id: t('Interface (UUID)'),
    instance_id: t('Instance (UUID)'),
    manager_id: t('Manager (0 to 255)'),
    type_id: t('Type (VSI)'),
    type_id_version: t('Version of the type'),
  };
  return (
    <Folded title={t('Switch port and VLAN')} wrong={wrong(['/virtualport', '/vlan_tags', '/vlan_trunk', ...told.map((name) => `/${name}`)])}>
      <div className="qd-form-pair">
        <Field id="network-virtualport" label={t('Virtual port')} error={error('/virtualport')} help={t('What the switch outside is told of each card.')}>
          <FormSelect id="network-virtualport" value={settings.virtualport ?? ''} onChange={(_, value) => set({ virtualport: (value || null) as NonNullable<Settings['virtualport']> | null })}>
            <FormSelectOption value="" label={t('None: a plain bridge or interface')} />
            {Object.keys(PORT_PARAMETERS).map((type) => (
              <FormSelectOption key={type} value={type} label={type === 'openvswitch' ? 'Open vSwitch' : type} />
            ))}
          </FormSelect>
        </Field>
        {told.map((name) => (
          <Text key={name} name={name} label={words[name] ?? name} number={['manager_id', 'type_id', 'type_id_version'].includes(name)} {...fields} />
        ))}
      </div>
      <Rows
        label={t('VLANs of its cards')}
        one={t('VLAN')}
        columns={[
          { name: 'id', label: t('Number'), kind: 'number' },
          { name: 'native_mode', label: t('Native: tagged or untagged') },
        ]}
        rows={settings.vlan_tags ?? []}
        error={(pointer) => error(`/vlan_tags${pointer}`)}
        onRows={(tags) => set({ vlan_tags: tags, vlan_trunk: tags.length > 1 || tags.some((tag) => tag.native_mode) ? true : null })}
      />
      {(error('/vlan_tags') ?? error('/vlan_trunk')) ? (
        <p className="qd-rows-wrong" role="alert">
          {error('/vlan_tags') ?? error('/vlan_trunk')}
        </p>
      ) : null}
    </Folded>
  );
}
