import { Checkbox, FormSelectOption } from '@patternfly/react-core';
import { Field } from '../../components/Field';
import { FormSelect } from '../../components/inputs';
import { Folded } from '../../components/Folded';
import { Rows } from '../../components/Rows';
import { t } from '../../util/i18n';
import { OWN_BRIDGE, type Settings } from './settings';
import { Routes, SwitchPort } from './SwitchSections';
import { Text } from './Text';

interface Props {
  settings: Settings;
  set: (changes: Partial<Settings>) => void;
  error: (pointer: string) => string | undefined;
  /** Whether something is wrong with one of these members. */
  wrong: (pointers: string[]) => boolean;
}

/** What few networks need: names, port groups, limits, and how the bridge is. */
export function MoreSections(fields: Props) {
  const mode = fields.settings.mode ?? 'isolated';
  const own = OWN_BRIDGE.includes(mode);
  return (
    <div className="qd-sections">
      {own ? <Names {...fields} /> : null}
      {own ? <Routes {...fields} /> : <SwitchPort {...fields} />}
      <PortGroups {...fields} />
      <Folded title={t('Limits of the whole network')} wrong={fields.wrong(['/inbound', '/outbound'])}>
        <div className="qd-form-pair">
          <RateFields name="inbound" label={t('To the machines')} {...fields} />
          <RateFields name="outbound" label={t('From the machines')} {...fields} />
        </div>
      </Folded>
      {own ? <Bridge {...fields} /> : null}
    </div>
  );
}

function Names({ settings, set, error, wrong }: Props) {
  const fields = { settings, set, error };
  const list = <N extends 'dns_hosts' | 'dns_forwarders' | 'dns_txts' | 'dns_srvs'>(name: N) => ({
    rows: (settings[name] ?? []) as NonNullable<Settings[N]>,
    error: (pointer: string) => error(`/${name}${pointer}`),
    onRows: (rows: NonNullable<Settings[N]>) => set({ [name]: rows }),
  });
  return (
    <Folded title={t('Names (DNS)')} wrong={wrong(['/domain', '/dns', '/dns_hosts', '/dns_forwarders', '/dns_txts', '/dns_srvs'])}>
      <div className="qd-form-pair">
        <Text name="domain" label={t('Domain of the machines')} {...fields} />
        <div className="qd-checks">
          <Checkbox id="network-dns" label={t('The network answers names')} isChecked={settings.dns !== false} onChange={(_, on) => set({ dns: on ? null : false })} />
          {error('/dns') ? (
            <p className="qd-rows-wrong" role="alert">
              {error('/dns')}
            </p>
          ) : null}
          <Checkbox id="network-local-only" label={t('Names of the domain are asked nowhere else')} isChecked={settings.domain_local_only === true} onChange={(_, on) => set({ domain_local_only: on ? true : null })} />
        </div>
      </div>
      <Rows label={t('Known names')} one={t('name')} columns={[{ name: 'address', label: t('Address') }, { name: 'names', label: t('Names'), kind: 'list' }]} {...list('dns_hosts')} />
      <Rows label={t('Asked for other names')} one={t('forwarder')} columns={[{ name: 'address', label: t('Server') }, { name: 'domain', label: t('Only for the domain') }]} {...list('dns_forwarders')} />
      <Rows label={t('TXT records')} one={t('TXT record')} columns={[{ name: 'name', label: t('Name') }, { name: 'value', label: t('Text') }]} {...list('dns_txts')} />
      <Rows
        label={t('SRV records')}
        one={t('SRV record')}
        columns={[
          { name: 'service', label: t('Service') },
          { name: 'protocol', label: t('tcp or udp') },
          { name: 'domain', label: t('Domain') },
          { name: 'target', label: t('Target') },
          { name: 'port', label: t('Port'), kind: 'number' },
          { name: 'priority', label: t('Priority'), kind: 'number' },
          { name: 'weight', label: t('Weight'), kind: 'number' },
        ]}
        {...list('dns_srvs')}
      />
    </Folded>
  );
}

function PortGroups({ settings, set, error, wrong }: Props) {
  const groups = settings.portgroups ?? [];
  const rows = groups.map((group) => ({ ...group, vlan_tags: group.vlan_tags?.map((tag) => tag.id), known: group.vlan_tags, to: group.inbound?.average, from: group.outbound?.average }));
  const onRows = (next: typeof rows) =>
    set({
      portgroups: next.map(({ to, from, known, vlan_tags: tags, ...group }) => {
        const vlan_tags = (tags ?? []).map((id) => known?.find((tag) => String(tag.id) === String(id)) ?? { id, native_mode: null });
        return { ...group, vlan_tags, vlan_trunk: vlan_tags.length > 1 ? true : null, inbound: limited(group.inbound, to), outbound: limited(group.outbound, from) };
      }),
    });
  const chosen = groups.findIndex((group) => group.default === true);
  const choose = (place: number) => set({ portgroups: groups.map((group, number) => ({ ...group, default: number === place ? true : null })) });
  return (
    <Folded title={t('Port groups and VLAN')} wrong={wrong(['/portgroups'])}>
      <Rows
        label={t('Port groups')}
        one={t('port group')}
        columns={[
          { name: 'name', label: t('Name') },
          { name: 'vlan_tags', label: t('VLAN tags'), kind: 'list' },
          { name: 'to', label: t('KiB/s to the machine'), kind: 'number' },
          { name: 'from', label: t('KiB/s from the machine'), kind: 'number' },
        ]}
        rows={rows}
        error={(pointer) => error(`/portgroups${pointer.replace(/to$/, 'inbound/average').replace(/from$/, 'outbound/average')}`) ?? error(`/portgroups${pointer}/id`)}
        onRows={onRows}
      />
      {groups.length > 0 ? (
        <Field id="network-portgroup" label={t('For cards that name no port group')} error={error('/portgroups')}>
          <FormSelect id="network-portgroup" value={chosen} onChange={(_, value) => choose(Number(value))}>
            <FormSelectOption value={-1} label={t('None')} />
            {groups.map((group, number) => (
              <FormSelectOption key={number} value={number} label={group.name || t('port group {{number}}', { number: number + 1 })} />
            ))}
          </FormSelect>
        </Field>
      ) : null}
    </Folded>
  );
}

type Limit = NonNullable<Settings['inbound']>;

/** A limit with another average; its peak and burst stay. */
function limited(limit: Limit | null | undefined, average: number | null | undefined): Limit | null {
  return average === null || average === undefined ? null : ({ ...limit, average } as Limit);
}

function RateFields({ name, label, settings, set, error }: Props & { name: 'inbound' | 'outbound'; label: string }) {
  const rate = settings[name];
  return (
    <Rows
      label={label}
      one={t('limit')}
      columns={[
        { name: 'average', label: t('KiB/s'), kind: 'number' },
        { name: 'peak', label: t('Peak KiB/s'), kind: 'number' },
        { name: 'burst', label: t('Burst KiB'), kind: 'number' },
      ]}
      rows={rate ? [rate] : []}
      error={(pointer) => error(`/${name}${pointer.replace(/^\/0/, '')}`)}
      onRows={(rows) => set({ [name]: rows.at(-1) ?? null })}
    />
  );
}

function Bridge(fields: Props) {
  const { settings, set, wrong } = fields;
  return (
    <Folded title={t('More settings')} wrong={wrong(['/bridge', '/mtu', '/zone', '/bridge_delay_seconds', '/nat_address_start', '/nat_address_end', '/nat_port_start', '/nat_port_end', '/stp'])}>
      <div className="qd-form-pair">
        <Text name="bridge" label={t('Name of its bridge')} help={t('Empty: virbr and a number.')} {...fields} />
        <Text name="mtu" label={t('MTU')} number {...fields} />
        <Text name="zone" label={t('Firewall zone')} {...fields} />
        <Text name="bridge_delay_seconds" label={t('Forwarding delay in seconds')} number {...fields} />
        {settings.mode === 'nat' ? (
          <>
            <Text name="nat_address_start" label={t('NAT to addresses from')} {...fields} />
            <Text name="nat_address_end" label={t('NAT to addresses to')} {...fields} />
            <Text name="nat_port_start" label={t('NAT to ports from')} number {...fields} />
            <Text name="nat_port_end" label={t('NAT to ports to')} number {...fields} />
          </>
        ) : null}
      </div>
      <Checkbox id="network-stp" label={t('Spanning tree (STP)')} isChecked={settings.stp !== false} onChange={(_, on) => set({ stp: on })} />
    </Folded>
  );
}
