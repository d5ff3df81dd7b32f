import { Alert, Button, CodeBlock, CodeBlockCode } from '@patternfly/react-core';
import { useState } from 'react';
import { call, problemOf } from '../../api/client';
import type { components } from '../../api/schema';
import type { FieldError, Problem } from '../../api/types';
import { TextArea, TextInput } from '../../components/inputs';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { cloudInit, type FirstSettings } from './cloudInit';
import { PointedField } from './PointedField';
import { KeyPicker } from './KeyPicker';

interface Props {
  /** The pointer of the settings in what is asked of the server. */
  at: string;
  settings: FirstSettings;
  errors: FieldError[];
  set: (change: Partial<FirstSettings>) => void;
}

/** User, keys, name and network of the guest; or one's own files. */
export function FirstSettingsFields(props: Props) {
  const [checked, setChecked] = useState<Checked | null>(null);
  const { at, settings } = props;
  // What was said of other settings than these is over.
  const now = checked?.of === settings ? checked : null;
  const found = (now?.problem?.errors ?? []).map((error) => ({ ...error, pointer: at + error.pointer }));
  const fields = { ...props, errors: [...props.errors, ...found] };
  return (
    <>
      {settings.own ? <Own {...fields} /> : <Made {...fields} />}
      <Text {...fields} name="hostname" label={t('Host name')} help={t('Left empty: the name of the machine.')} />
      <Preview settings={settings} checked={now} onChecked={setChecked} />
    </>
  );
}

function Made(props: Props) {
  const { at, settings, errors, set } = props;
  return (
    <>
      <div className="qd-form-pair">
        <Text {...props} name="user" label={t('User')} />
        <PointedField id="first-password" label={t('Password')} pointers={[`${at}/password`]} errors={errors} help={t('Goes to the guest as a hash, and is kept nowhere.')}>
          <TextInput id="first-password" type="password" autoComplete="new-password" value={settings.password} onChange={(_, password) => set({ password })} />
        </PointedField>
      </div>
      <KeyPicker chosen={settings.keys} onChange={(keys) => set({ keys })} />
      <PointedField id="first-keys" label={t('Other SSH keys')} pointers={[`${at}/ssh_keys`]} errors={errors} help={t('Public keys, one in each line.')}>
        <TextArea id="first-keys" rows={2} value={settings.ssh_keys} placeholder="ssh-ed25519 AAAA…" onChange={(_, value) => set({ ssh_keys: value })} />
      </PointedField>
      <Text {...props} name="packages" label={t('Packages')} help={t('To be installed at the first start; needs a network.')} />
      <div className="qd-form-pair">
        <Text {...props} name="address" label={t('Fixed address')} pointer="/network/address" placeholder="192.0.2.10/24" help={t('Left empty: by DHCP.')} />
        {settings.address ? <Text {...props} name="gateway" label={t('Gateway')} pointer="/network/gateway" /> : null}
        {settings.address ? <Text {...props} name="dns" label={t('Name servers')} pointer="/network/dns" /> : null}
      </div>
    </>
  );
}

function Own({ at, settings, errors, set }: Props) {
  return (
    <>
      <PointedField id="user-data" label={t('User data')} pointers={[`${at}/user_data`, `${at}/user`]} errors={errors} help={t('Begins with #cloud-config, #! or another word that cloud-init knows.')}>
        <TextArea id="user-data" className="qd-code" rows={8} value={settings.user_data} placeholder="#cloud-config" onChange={(_, value) => set({ user_data: value })} spellCheck={false} />
      </PointedField>
      <PointedField id="network-config" label={t('Network configuration')} pointers={[`${at}/network_config`]} errors={errors} help={t('Left empty: by DHCP.')}>
        <TextArea id="network-config" className="qd-code" rows={8} value={settings.network_config} placeholder="version: 2" onChange={(_, value) => set({ network_config: value })} spellCheck={false} />
      </PointedField>
    </>
  );
}

interface TextProps extends Props {
  name: 'user' | 'hostname' | 'packages' | 'address' | 'gateway' | 'dns';
  label: string;
  pointer?: string;
  placeholder?: string;
  help?: string;
}

function Text({ name, label, pointer = `/${name}`, placeholder, help, at, settings, errors, set }: TextProps) {
  return (
    <PointedField id={`first-${name}`} label={label} pointers={[at + pointer]} errors={errors} help={help}>
      <TextInput id={`first-${name}`} value={settings[name]} placeholder={placeholder} autoComplete="off" onChange={(_, value) => set({ [name]: value })} />
    </PointedField>
  );
}

type Check = components['schemas']['CloudInitCheck'];

interface Checked {
  of: FirstSettings;
  told?: Check;
  problem?: Problem;
}

/** The files that the guest would read, without secrets. What is wrong stands at its field. */
function Preview({ settings, checked, onChecked }: { settings: FirstSettings; checked: Checked | null; onChecked: (checked: Checked) => void }) {
  const look = () =>
    call<Check>('POST', '/cloud-init/check', { body: cloudInit(settings) }).then(
      (told) => onChecked({ of: settings, told }),
      (error: unknown) => onChecked({ of: settings, problem: problemOf(error) }),
    );
  const problem = checked?.problem;
  return (
    <>
      <div>
        <Button variant="secondary" onClick={() => void look()}>
          {t('Check and preview')}
        </Button>
      </div>
      <div role="status">
        {problem?.errors?.length ? <p className="qd-field-error">{t('It cannot be done so: see what is marked above.')}</p> : problem ? <ProblemAlert problem={problem} /> : null}
      </div>
      {checked?.told?.warnings.map((words) => (
        <Alert key={words} variant="warning" isInline isPlain title={words} />
      ))}
      {Object.entries(checked?.told?.files ?? {}).map(([name, text]) => (
        <CodeBlock key={name} aria-label={name}>
          <CodeBlockCode>{`# ${name}\n${text}`}</CodeBlockCode>
        </CodeBlock>
      ))}
    </>
  );
}
