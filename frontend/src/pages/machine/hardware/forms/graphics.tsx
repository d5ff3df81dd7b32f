import { Checkbox, TextInput } from '@patternfly/react-core';
import { t } from '../../../../util/i18n';
import { valueOf } from '../values';
import { ChoiceField, Field } from './Field';
import type { FieldsProps, HardwareForm } from './form';

interface DisplayForm {
  /** Null keeps the password that there is, if any; empty takes it away. */
  password: string | null;
  listen: string | null;
}

export const display: HardwareForm<DisplayForm> = {
  id: 'graphics',
  title: () => t('Display'),
  fits: (value) => value.type === 'graphics' && value['kind'] === 'vnc',
  adds: false,
  start: (_, device) => ({ password: null, listen: device ? listenOf(valueOf(device)['listens']) : null }),
  body: ({ password, listen }) => ({ listen: listen ?? undefined, password: password === null ? undefined : password || null }),
  pointers: ['/password', '/listen'],
  Basic: DisplayFields,
};

function listenOf(listens: unknown): string | null {
  const [first] = (Array.isArray(listens) ? listens : []) as { type: string; address: string | null }[];
  if (!first) return null;
  return first.type === 'address' ? first.address : first.type;
}

function DisplayFields({ value, set, error, device }: FieldsProps<DisplayForm>) {
  const has = device ? valueOf(device)['has_password'] === true : false;
  return (
    <>
      <ChoiceField
        id="listen"
        label={t('Other viewers')}
        help={t('The console of this page works with each of these.')}
        error={error('/listen')}
        value={value.listen}
        choices={[
          { value: 'socket', label: t('none: no open port, only this page') },
          { value: '127.0.0.1', label: t('from the host itself (127.0.0.1)') },
          { value: '0.0.0.0', label: t('from the network (0.0.0.0); set a password') },
        ]}
        onChange={(listen) => set({ listen })}
      />
      <Checkbox
        id="set-password"
        label={has ? t('Change the password') : t('Set a password')}
        isChecked={value.password !== null}
        onChange={(_, on) => set({ password: on ? '' : null })}
      />
      {value.password === null ? null : (
        <Field id="vnc-password" label={t('Password')} error={error('/password')} help={t('VNC uses 8 characters at most. Left empty, there is none.')}>
          <TextInput id="vnc-password" type="password" autoComplete="new-password" maxLength={8} value={value.password} aria-describedby="vnc-password-help" onChange={(_, password) => set({ password })} />
        </Field>
      )}
    </>
  );
}
