import { Checkbox, FormGroup, TextInput } from '@patternfly/react-core';
import { FieldHelp } from '../../components/FieldHelp';
import { Rows, type Row } from '../../components/Rows';
import { t } from '../../util/i18n';
import { firstOf, withIp, type Family, type Ip, type Settings } from './settings';

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

/** The host's address of one family, with what its DHCP server gives out. */
export function AddressSection({ family, settings, error, onSettings }: Props) {
  const number = firstOf(settings, family);
  const ip = settings.ips?.[number];
  const at = `/ips/${number}`;
  const set = (changes: Partial<Ip>) => ip && onSettings(withIp(settings, family, { ...ip, ...changes }));
  const title = family === 'ipv4' ? t('IPv4 addresses') : t('IPv6 addresses');
  return (
    <div className="qd-addresses">
      <Checkbox id={`network-${family}`} label={title} isChecked={!!ip} onChange={(_, on) => onSettings(withIp(settings, family, on ? FIRST[family] : null))} />
      {ip ? (
        <div className="qd-addresses-inner">
          <AddressField id={`network-${family}-address`} ip={ip} error={error(`${at}/address`) ?? error(`${at}/prefix`)} set={set} />
          <Rows
            label={t('DHCP gives out')}
            one={t('range')}
            columns={[
              { name: 'start', label: t('From') },
              { name: 'end', label: t('To') },
            ]}
            rows={(ip.ranges ?? []) as unknown as Row[]}
            error={(pointer) => error(`${at}/ranges${pointer}`)}
            onRows={(rows) => set({ ranges: rows as unknown as Ip['ranges'] })}
          />
          <Rows
            label={t('Reserved addresses')}
            one={t('reservation')}
            columns={[
              family === 'ipv4' ? { name: 'mac', label: t('MAC address'), placeholder: '52:54:00:…' } : { name: 'duid', label: t('DUID') },
              { name: 'name', label: t('Name') },
              { name: 'address', label: t('Address') },
            ]}
            rows={(ip.hosts ?? []) as unknown as Row[]}
            error={(pointer) => error(`${at}/hosts${pointer}`)}
            onRows={(rows) => set({ hosts: rows as unknown as Ip['hosts'] })}
          />
        </div>
      ) : null}
    </div>
  );
}

function AddressField({ id, ip, error, set }: { id: string; ip: Ip; error: string | undefined; set: (changes: Partial<Ip>) => void }) {
  const type = (text: string) => {
    const [address = '', prefix = ''] = text.split('/');
    set({ address, prefix: /^\d+$/.test(prefix) ? Number(prefix) : (prefix as unknown as number) });
  };
  return (
    <FormGroup label={t('Address of the host')} fieldId={id} isRequired>
      <TextInput id={id} value={ip.prefix === undefined || String(ip.prefix) === '' ? ip.address : `${ip.address}/${ip.prefix}`} validated={error ? 'error' : 'default'} onChange={(_, text) => type(text)} />
      <FieldHelp id={id} error={error} help={t('With the length of the network’s part, such as {{example}}; machines have it as their gateway.', { example: ip.family === 'ipv6' ? 'fd00:1::1/64' : '10.0.0.1/22' })} />
    </FormGroup>
  );
}
