import { Button, Checkbox } from '@patternfly/react-core';
import { useState } from 'react';
import { TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { Folded } from '../../components/Folded';
import { Rows } from '../../components/Rows';
import { t } from '../../util/i18n';
import { firstAddress, usualRange } from './addresses';
import { inMinutes, inSeconds, withSeconds } from './leases';
import { numbersOf, withIp, withoutFamily, type Family, type Ip, type Settings } from './settings';

interface Props {
  family: Family;
  settings: Settings;
  /** The number of a network that is free, for the first address. */
  free: number;
  error: (pointer: string) => string | undefined;
  onSettings: (settings: Settings) => void;
}

/** The host's addresses of one family, with what its DHCP server gives out. */
export function AddressSection({ family, settings, free, error, onSettings }: Props) {
  const numbers = numbersOf(settings, family);
  const title = family === 'ipv4' ? t('IPv4 addresses') : t('IPv6 addresses');
  const add = () => onSettings(withIp(settings, null, { family, address: '' } as Ip));
  return (
    <div className="qd-addresses">
      <Checkbox id={`network-${family}`} label={title} isChecked={numbers.length > 0} onChange={(_, on) => onSettings(on ? withIp(settings, null, firstAddress(family, free)) : withoutFamily(settings, family))} />
      {numbers.map((number, place) => (
        <Address key={number} family={family} settings={settings} free={free} number={number} place={numbers.length > 1 ? place + 1 : null} error={(pointer) => error(`/ips/${number}${pointer}`)} onSettings={onSettings} />
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
  const [followed, setFollowed] = useState(ip);
  if (!ip) return null;
  const set = (changes: Partial<Ip>) => onSettings(withIp(settings, number, { ...ip, ...changes }));
  // The proposed range goes along with the address, until somebody types another.
  const move = (address: Pick<Ip, 'address' | 'prefix'>) => {
    const [now, next] = [followed && usualRange(followed), usualRange(address)];
    const follows = now && next && JSON.stringify(ip.ranges?.map(({ start, end }) => ({ start, end }))) === JSON.stringify([now]);
    if (follows) setFollowed({ ...ip, ...address });
    set({ ...address, ...(follows ? { ranges: [{ lease_seconds: null, ...ip.ranges?.[0], ...next }] } : {}) });
  };
  const lease = { name: 'minutes', label: t('Lease (minutes)'), kind: 'number', placeholder: t('60; 0: for good') } as const;
  const of = (words: string) => (place ? t('{{words}} {{place}}', { words, place }) : words);
  return (
    <div className="qd-addresses-inner">
      <AddressField id={`network-${family}-address${place ?? ''}`} label={of(t('Address of the host'))} ip={ip} error={error('/address') ?? error('/prefix')} move={move} />
      <Rows
        label={of(t('DHCP gives out'))}
        one={of(t('range'))}
        columns={[
          { name: 'start', label: t('From') },
          { name: 'end', label: t('To') },
          lease,
        ]}
        rows={inMinutes(ip.ranges)}
        error={(pointer) => error(`/ranges${inSeconds(pointer)}`)}
        onRows={(ranges) => set({ ranges: ranges.map(withSeconds) })}
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
          lease,
        ]}
        rows={inMinutes(ip.hosts)}
        error={(pointer) => error(`/hosts${inSeconds(pointer)}`)}
        onRows={(hosts) => set({ hosts: hosts.map(withSeconds) })}
      />
      {family === 'ipv4' ? <Boot id={`network-ipv4-boot${place ?? ''}`} title={of(t('Start of machines over the network (PXE)'))} ip={ip} error={error} set={set} /> : null}
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
  move: (address: Pick<Ip, 'address' | 'prefix'>) => void;
}

function AddressField({ id, label, ip, error, move }: FieldProps) {
  const type = (text: string) => {
    const [address = '', prefix = ''] = text.split('/');
    move({ address, prefix: /^\d+$/.test(prefix) ? Number(prefix) : (prefix as unknown as number) });
  };
  return (
    <Field id={id} label={label} isRequired error={error} help={t('With the length of the network’s part, such as {{example}}; machines have it as their gateway.', { example: ip.family === 'ipv6' ? 'fd00:1::1/64' : '10.0.0.1/22' })}>
      <TextInput id={id} value={ip.prefix === undefined || String(ip.prefix) === '' ? ip.address : `${ip.address}/${ip.prefix}`} validated={error ? 'error' : 'default'} onChange={(_, text) => type(text)} />
    </Field>
  );
}

/** What DHCP tells a machine that starts over the network. */
function Boot({ id, title, ip, error, set }: { id: string; title: string; ip: Ip; error: (pointer: string) => string | undefined; set: (changes: Partial<Ip>) => void }) {
  const fields = [
    { name: 'boot_file', label: t('File to start'), help: t('As the TFTP server names it, such as pxelinux.0; or an HTTP address for iPXE.') },
    { name: 'boot_server', label: t('TFTP server'), help: t('Empty: the host itself.') },
    { name: 'tftp_root', label: t('Folder on the host'), help: t('Its files are given out by TFTP.') },
  ] as const;
  return (
    <Folded title={title} wrong={fields.some(({ name }) => error(`/${name}`))}>
      <div className="qd-form-pair">
        {fields.map(({ name, label, help }) => (
          <Field key={name} id={`${id}-${name}`} label={label} error={error(`/${name}`)} help={help}>
            <TextInput id={`${id}-${name}`} value={ip[name] ?? ''} onChange={(_, text) => set({ [name]: text || null })} />
          </Field>
        ))}
      </div>
    </Folded>
  );
}
