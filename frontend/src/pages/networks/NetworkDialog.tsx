import '../storage/storage.css';
import './networks.css';
import { Checkbox, FormGroup, FormSelectOption } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldError, isUnder } from '../../api/problem';
import { NETWORK, NETWORKS, storageKeys, storageQueries, type Network } from '../../api/storage';
import type { Host } from '../../api/types';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { useVersioned } from '../../dialogs/useVersioned';
import { FormSelect, TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { t } from '../../util/i18n';
import { AddressSection } from './AddressSection';
import { freeNumber } from './addresses';
import { modes } from './modes';
import { MoreSections } from './MoreSections';
import { MACVTAP, newSettings, numbersOf, OWN_BRIDGE, PORT_PARAMETERS, settingsOf, toBody, type Settings } from './settings';
import { Text } from './Text';

interface Props {
  host: string;
  /** The network that is edited; without it a new one is made. */
  network?: Network;
  hosts?: Host[];
  onClose: () => void;
}

/** Members whose errors stand at their fields: all but those that are ticked or chosen. */
const SHOWN = [
  ...['name', 'forward_device', 'bridge', 'interfaces', 'physical_function', 'ips', 'domain', 'dns', 'dns_hosts', 'dns_forwarders', 'dns_txts', 'dns_srvs', 'routes'],
  ...['virtualport', 'vlan_tags', 'vlan_trunk', 'portgroups', 'inbound', 'outbound', 'mtu', 'zone', 'bridge_delay_seconds', 'nat_address_start', 'nat_address_end', 'nat_port_start', 'nat_port_end'],
  ...Object.values(PORT_PARAMETERS).flat(),
].map((name) => `/${name}`);

/** Makes a network of any mode, or edits one. */
export function NetworkDialog({ host: first, network, hosts = [], onClose }: Props) {
  const cache = useQueryClient();
  const [host, setHost] = useState(first);
  const { data: known = [] } = useQuery(storageQueries.networks(host));
  const free = freeNumber(known);
  const { value: settings, set: setSettings, etag, meanwhile } = useVersioned(network, (saved): Settings => (saved ? settingsOf(saved) : newSettings(free)));
  const set = (changes: Partial<Settings>) => setSettings({ ...settings, ...changes });
  const body = toBody(settings);
  const change: Change = network
    ? { method: 'PUT', template: NETWORK, path: { host, network: network.name }, body, ifMatch: etag }
    : { method: 'POST', template: NETWORKS, path: { host }, body };
  return (
    <PlannedDialog
      title={network ? t('Edit network {{name}}', { name: network.name }) : t('New network')}
      description={network?.active ? t('Reservations, DHCP ranges, names and port groups change at once; the rest when the network is restarted.') : undefined}
      verb={network ? t('Save') : t('Create')}
      blocked={settings.name === '' ? t('Give it a name.') : null}
      change={change}
      shown={SHOWN}
      meanwhile={network && meanwhile ? { name: network.name, ...meanwhile } : null}
      onDone={() => void cache.invalidateQueries({ queryKey: storageKeys.networks(host) })}
      onClose={onClose}
    >
      {(problem) => {
        const fields = { settings, set, error: (pointer: string) => fieldError(problem, pointer) };
        const wrong = (pointers: string[]) => isUnder((problem?.errors ?? []).map((error) => error.pointer), pointers);
        return (
          <>
            <div className="qd-form-pair">
              <Text name="name" label={t('Name')} required disabled={!!network} {...fields} />
              {!network && hosts.length > 1 ? <HostField hosts={hosts} host={host} onHost={setHost} /> : null}
            </div>
            <ModeFields host={host} {...fields} />
            {OWN_BRIDGE.includes(settings.mode ?? 'isolated') ? (
              <>
                <AddressSection family="ipv4" free={free} {...fields} onSettings={setSettings} />
                <AddressSection family="ipv6" free={free} {...fields} onSettings={setSettings} />
                {settings.mode === 'nat' && numbersOf(settings, 'ipv6').length > 0 ? (
                  <Checkbox
                    id="network-nat-ipv6"
                    label={t('NAT for IPv6 too')}
                    description={t('Without it IPv6 is routed: the routers outside must know the way by this host.')}
                    isChecked={settings.nat_ipv6 === true}
                    onChange={(_, on) => set({ nat_ipv6: on ? true : null })}
                  />
                ) : null}
              </>
            ) : null}
            <MoreSections {...fields} wrong={wrong} />
            <div className="qd-checks">
              <Checkbox id="network-autostart" label={t('Start with the host')} isChecked={settings.autostart !== false} onChange={(_, on) => set({ autostart: on })} />
              {network ? null : <Checkbox id="network-start" label={t('Start now')} isChecked={settings.start !== false} onChange={(_, on) => set({ start: on })} />}
            </div>
          </>
        );
      }}
    </PlannedDialog>
  );
}

function HostField({ hosts, host, onHost }: { hosts: Host[]; host: string; onHost: (host: string) => void }) {
  return (
    <FormGroup label={t('Host')} fieldId="network-host">
      <FormSelect id="network-host" value={host} onChange={(_, value) => onHost(value)}>
        {hosts.map((known) => (
          <FormSelectOption key={known.id} value={known.id} label={known.name} />
        ))}
      </FormSelect>
    </FormGroup>
  );
}

interface FieldsProps {
  settings: Settings;
  set: (changes: Partial<Settings>) => void;
  error: (pointer: string) => string | undefined;
}

function ModeFields({ host, settings, set, error }: FieldsProps & { host: string }) {
  const mode = settings.mode ?? 'isolated';
  const known = modes();
  const { data: interfaces = [] } = useQuery(storageQueries.interfaces(host));
  const names = interfaces.filter(({ name, kind }) => name !== 'lo' && kind !== 'machine').map(({ name }) => name);
  const fields = { settings, set, error, known: names };
  return (
    <>
      <Field id="network-mode" label={t('Kind')} help={known.find((each) => each.mode === mode)?.about}>
        <FormSelect id="network-mode" value={mode} aria-describedby="network-mode-help" onChange={(_, value) => set({ mode: value as NonNullable<Settings['mode']> })}>
          {known.map((each) => (
            <FormSelectOption key={each.mode} value={each.mode} label={each.title} />
          ))}
        </FormSelect>
      </Field>
      <div className="qd-form-pair">
        {mode === 'nat' || mode === 'route' ? <Text name="forward_device" label={t('Only out by this interface')} help={t('Empty: by whichever the host takes.')} {...fields} /> : null}
        {mode === 'bridge' ? <Text name="bridge" label={t('Bridge of the host')} {...fields} /> : null}
        {MACVTAP.includes(mode) ? <InterfacesField {...fields} /> : null}
        {mode === 'hostdev' ? <Text name="physical_function" label={t('Interface with virtual functions')} {...fields} /> : null}
      </div>
    </>
  );
}

function InterfacesField({ settings, set, error, known }: FieldsProps & { known: string[] }) {
  const wrong = [error('/interfaces'), ...(settings.interfaces ?? []).map((_, number) => error(`/interfaces/${number}`))].find(Boolean);
  return (
    <Field id="network-interfaces" label={t('Interfaces of the host')} error={wrong} help={t('Machines share them by macvtap; divided by spaces. The host itself cannot reach machines there. It has: {{names}}.', { names: known.join(', ') || '–' })}>
      <TextInput id="network-interfaces" value={(settings.interfaces ?? []).join(' ')} onChange={(_, text) => set({ interfaces: text === '' ? [] : text.split(/[,\s]/) })} />
    </Field>
  );
}
