import { Radio, Switch, TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { Domain } from '../../../../api/types';
import { t } from '../../../../util/i18n';
import { networks } from '../sources';
import { isInterface, valueOf } from '../values';
import { ChoiceField, Field, words } from './Field';
import type { FieldsProps, HardwareForm } from './form';
import { withoutNull } from './disk';

interface NicForm {
  to: 'network' | 'bridge' | 'other';
  network: string | null;
  bridge: string;
  model: string | null;
  mac: string;
  link: 'up' | 'down';
  mtu: string;
}

type Fields = FieldsProps<NicForm>;

export const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

export const nic: HardwareForm<NicForm> = {
  id: 'interface',
  title: () => t('Network interface'),
  fits: isInterface,
  adds: true,
  start: (_, device) => {
    const value = device ? valueOf(device) : null;
    const known = value && isInterface(value) ? value : null;
    const kind = known?.source.type;
    return {
      to: kind === 'bridge' ? 'bridge' : !kind || kind === 'network' ? 'network' : 'other',
      network: known ? known.source.network : 'default',
      bridge: known?.source.bridge ?? '',
      model: known ? known.model : 'virtio',
      mac: known?.mac ?? '',
      link: known?.link === 'down' ? 'down' : 'up',
      mtu: known?.mtu ? String(known.mtu) : '',
    };
  },
  body: ({ to, network, bridge, model, mac, link, mtu }, device) => {
    const source = to === 'network' ? { network } : to === 'bridge' ? { bridge } : undefined;
    const settings = { model, mac: mac.trim().toLowerCase() || null, mtu: mtu.trim() ? Number(mtu) : null };
    // A cable that is in is libvirt's default: not said unless it is news.
    if (device) return { source, ...settings, link };
    return { type: 'interface', source, ...withoutNull({ ...settings, link: link === 'down' ? link : null }) };
  },
  missing: ({ to, network, bridge, mac, mtu }) => {
    if (to === 'network' && !network) return t('Choose a network.');
    if (to === 'bridge' && !bridge.trim()) return t('Name the bridge.');
    if (mac.trim() && !MAC.test(mac.trim())) return t('A MAC address has six pairs of hexadecimal digits, such as 52:54:00:12:34:56.');
    return mtu.trim() && !/^\d+$/.test(mtu.trim()) ? t('The MTU is a number of bytes.') : null;
  },
  pointers: ['/source', '/source/network', '/source/bridge', '/model', '/mac', '/link', '/mtu'],
  Basic: BasicFields,
  Advanced: AdvancedFields,
};

function BasicFields({ domain, value, set, error, device }: Fields) {
  const list = useQuery(networks(domain.host)).data ?? [];
  const radio = (to: NicForm['to'], label: string) => (
    <Radio id={`to-${to}`} name="to" label={label} isChecked={value.to === to} onChange={() => set({ to })} />
  );
  return (
    <>
      <Field id="to" label={t('Plugged into')} error={error('/source')}>
        <div role="radiogroup" aria-label={t('Plugged into')} className="qd-radios">
          {radio('network', t('A virtual network'))}
          {radio('bridge', t('A bridge of the host'))}
          {device && nic.start(domain, device).to === 'other' ? radio('other', t('As it is')) : null}
        </div>
      </Field>
      {value.to === 'network' ? (
        <ChoiceField
          id="network"
          label={t('Network')}
          error={error('/source/network')}
          value={value.network}
          empty={t('Choose a network')}
          choices={list.map((one) => ({ value: one.name, label: one.active ? `${one.name} (${one.mode})` : t('{{name}} (not running)', { name: one.name }) }))}
          onChange={(network) => set({ network })}
        />
      ) : null}
      {value.to === 'bridge' ? (
        <Field id="bridge" label={t('Bridge')} error={error('/source/bridge')} help={t('Its name on the host, such as br0.')}>
          <TextInput id="bridge" value={value.bridge} maxLength={15} aria-describedby="bridge-help" onChange={(_, bridge) => set({ bridge })} />
        </Field>
      ) : null}
      <ChoiceField
        id="model"
        label={t('Model')}
        help={t('virtio is fastest. e1000e works nearly everywhere without a driver.')}
        error={error('/model')}
        value={value.model}
        empty={t('libvirt decides')}
        choices={words('virtio', 'e1000e', 'e1000', 'rtl8139')}
        onChange={(model) => set({ model })}
      />
      <Switch id="link" label={value.link === 'up' ? t('Cable is in') : t('Cable is out')} isChecked={value.link === 'up'} onChange={(_, on) => set({ link: on ? 'up' : 'down' })} />
    </>
  );
}

function AdvancedFields({ domain, value, set, error, device }: Fields) {
  const twin = twinOf(domain, value.mac, device?.id);
  return (
    <>
      <Field
        id="mac"
        label={t('MAC address')}
        error={error('/mac') ?? twin}
        help={device ? t('The guest sees another card when it changes.') : t('Left empty, a free one is made.')}
      >
        <TextInput id="mac" value={value.mac} placeholder="52:54:00:…" aria-describedby="mac-help" validated={(error('/mac') ?? twin) ? 'error' : 'default'} onChange={(_, mac) => set({ mac })} />
      </Field>
      <Field id="mtu" label={t('MTU')} error={error('/mtu')} help={t('Largest packet in bytes. Left empty: that of the network, mostly 1500.')}>
        <TextInput id="mtu" inputMode="numeric" value={value.mtu} aria-describedby="mtu-help" validated={error('/mtu') ? 'error' : 'default'} onChange={(_, mtu) => set({ mtu })} />
      </Field>
    </>
  );
}

/** Another card of the same machine with this address; those of other machines are the server's to find. */
function twinOf(domain: Domain, mac: string, own: string | undefined): string | undefined {
  const wanted = mac.trim().toLowerCase();
  const twin = domain.devices.find((device) => {
    const value = valueOf(device);
    return device.id !== own && isInterface(value) && value.mac?.toLowerCase() === wanted;
  });
  return wanted && twin ? t('{{device}} has this address.', { device: twin.title }) : undefined;
}
