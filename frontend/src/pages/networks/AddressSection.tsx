import { Button, Checkbox } from '@patternfly/react-core';
import { TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { Rows } from '../../components/Rows';
import { t } from '../../util/i18n';
import { numbersOf, withIp, withoutFamily, type Family, type Ip, type Settings } from './settings';

interface Props {
  family: Family;
  settings: Settings;
  error: (pointer: string) => string | undefined;
  onSettings: (settings: Settings) => void;
}

const FIRST: Record<Family, Ip> = {
  ipv4: { family: 'ipv4', address: '192.168.100.1', prefix: 24, ranges: [{ start: '192.168.100.128', end: '192.168.100.254' }] } as unknown as Ip,
  ipv6: { family: 'ipv6', address: 'fd00:100::1', prefix: 64 } as unknown as Ip,
};

/** The host's addresses of one family, with what its DHCP server gives out. */
export function AddressSection({ family, settings, error, onSettings }: Props) {
  const numbers = numbersOf(settings, family);
  const title = family === 'ipv4' ? t('IPv4 addresses') : t('IPv6 addresses');
  const add = () => onSettings(withIp(settings, null, { family, address: '' } as Ip));
  return (
    <div className="qd-addresses">
      <Checkbox id={`network-${family}`} label={title} isChecked={numbers.length > 0} onChange={(_, on) => onSettings(on ? withIp(settings, null, FIRST[family]) : withoutFamily(settings, family))} />
      {numbers.map((number, place) => (
        <Address key={number} family={family} settings={settings} number={number} place={numbers.length > 1 ? place + 1 : null} error={(pointer) => error(`/ips/${number}${pointer}`)} onSettings={onSettings} />
      ))}
      {numbers.length > 0 ? (
        <div>
          <Button variant="link" isInline onClick={add}>
            {family === 'ipv4' ? t('Add another IPv4 address') : t('Add another IPv6 address')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** One address; `place` counts it where there are several. */
function Address({ family, settings, number, place, error, onSettings }: Props & { number: number; place: number | null }) {
  const ip = settings.ips?.[number];
  if (!ip) return null;
  const set = (changes: Partial<Ip>) => onSettings(withIp(settings, number, { ...ip, ...changes }));
  const of = (words: string) => (place ? t('{{words}} {{place}}', { words, place }) : words);
  return (
    <div className="qd-addresses-inner">
      <AddressField id={`network-${family}-address${place ?? ''}`} label={of(t('Address of the host'))} ip={ip} error={error('/address') ?? error('/prefix')} set={set} />
      <Rows
        label={of(t('DHCP gives out'))}
        one={of(t('range'))}
        columns={[
          { name: 'start', label: t('From') },
          { name: 'end', label: t('To') },
        ]}
        rows={ip.ranges ?? []}
        error={(pointer) => error(`/ranges${pointer}`)}
        onRows={(ranges) => set({ ranges })}
      />
      {error('/ranges') ? (
        <p className="qd-rows-wrong" role="alert">
          {error('/ranges')}
        </p>
      ) : null}
      <Rows
        label={of(t('Reserved addresses'))}
        one={of(t('reservation'))}
        columns={[
          family === 'ipv4' ? { name: 'mac', label: t('MAC address'), placeholder: '52:54:00:…' } : { name: 'duid', label: t('DUID') },
          { name: 'name', label: t('Name') },
          { name: 'address', label: t('Address') },
        ]}
        rows={ip.hosts ?? []}
        error={(pointer) => error(`/hosts${pointer}`)}
        onRows={(hosts) => set({ hosts })}
      />
      {place ? (
        <div>
          <Button variant="link" isInline isDanger onClick={() => onSettings(withIp(settings, number, null))}>
            {t('Remove the address {{address}}', { address: ip.address || place })}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

interface FieldProps {
  id: string;
  label: string;
  ip: Ip;
  error: string | undefined;
  set: (changes: Partial<Ip>) => void;
}

function AddressField({ id, label, ip, error, set }: FieldProps) {
  const type = (text: string) => {
    const [address = '', prefix = ''] = text.split('/');
    set({ address, prefix: /^\d+$/.test(prefix) ? Number(prefix) : (prefix as unknown as number) });
  };
  return (
    <Field id={id} label={label} isRequired error={error} help={t('With the length of the network’s part, such as {{example}}; machines have it as their gateway.', { example: ip.family === 'ipv6' ? 'fd00:1::1/64' : '10.0.0.1/22' })}>
      <TextInput id={id} value={ip.prefix === undefined || String(ip.prefix) === '' ? ip.address : `${ip.address}/${ip.prefix}`} validated={error ? 'error' : 'default'} onChange={(_, text) => type(text)} />
    </Field>
  );
}
