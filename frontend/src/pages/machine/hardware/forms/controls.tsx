import { useQuery } from '@tanstack/react-query';
import { call, problemOf } from '../../../../api/client';
import { storageQueries } from '../../../../api/storage';
import type { components } from '../../../../api/schema';
import type { Device } from '../../../../api/types';
import { t } from '../../../../util/i18n';
import { valueOf } from '../values';
import type { Special } from './declared';
import { ChoiceField, type Choice } from './ChoiceField';
import { PlainField, type ControlProps, type Controls } from './FormFields';
import type { Values } from './values';

type NodeDevice = components['schemas']['NodeDevice'];

/** Fields of which the page knows more than their declaration: what the host has. */
export const interfaceControls = (host: string): Controls => ({
  '/source/network': (props) => <NetworkField host={host} {...props} />,
  '/source/portgroup': (props) => <PortGroupField host={host} {...props} />,
  '/source/bridge': (props) => <HostInterfaceField host={host} {...props} />,
  '/source/dev': (props) => <HostInterfaceField host={host} {...props} />,
  '/filter': (props) => <FilterField host={host} {...props} />,
});

/** The port groups of the network that is chosen beside it. */
function PortGroupField({ host, id, field, value, error, when, values, onChange }: ControlProps & { host: string }) {
  const list = useQuery(storageQueries.networks(host));
  const groups = ((list.data ?? []).find(({ name }) => name === values['network'])?.settings?.['portgroups'] ?? []) as { name: string }[];
  return (
    <ChoiceField
      id={id}
      label={field.title}
      info={when}
      error={error}
      value={value as string | null}
      empty={groups.length === 0 ? t('This network has none') : t('The network’s default')}
      choices={groups.map(({ name }) => ({ value: name, label: name }))}
      onChange={(group) => onChange(group ?? '')}
    />
  );
}

/** An interface of the host, offered while typing: one may be named that comes later. */
function HostInterfaceField({ host, field, ...props }: ControlProps & { host: string }) {
  const { data = [] } = useQuery(storageQueries.interfaces(host));
  const names = data.filter(({ name, kind }) => name !== 'lo' && kind !== 'machine').map(({ name }) => name);
  return <PlainField {...props} field={{ ...field, choices: names.map((value) => ({ value, title: '', reason: null })) }} />;
}

/** A filter of the host, offered while typing, with what it can be told. */
function FilterField({ host, field, ...props }: ControlProps & { host: string }) {
  const { data = [] } = useQuery(storageQueries.filters(host));
  const chosen = data.find(({ name }) => name === props.value);
  const help = chosen && chosen.parameters.length > 0 ? t('It can be told: {{parameters}}', { parameters: chosen.parameters.join(', ') }) : field.help;
  return <PlainField {...props} field={{ ...field, help, choices: data.map(({ name }) => ({ value: name, title: '', reason: null })) }} />;
}

function NetworkField({ host, id, field, value, error, when, onChange }: ControlProps & { host: string }) {
  const list = useQuery(storageQueries.networks(host));
  const label = (name: string, active: boolean, mode: string) => (active ? `${name} (${mode})` : t('{{name}} (not running)', { name }));
  return (
    <ChoiceField
      id={id}
      label={field.title}
      info={when}
      error={error ?? (list.error ? problemOf(list.error).detail : undefined)}
      value={value as string | null}
      empty={list.isPending ? t('Reading …') : t('Choose a network')}
      choices={(list.data ?? []).map((one) => ({ value: one.name, label: label(one.name, one.active, one.mode) }))}
      onChange={(network) => onChange(network ?? '')}
    />
  );
}

export const hostDeviceControls = (host: string): Controls => ({
  '/node_device': (props) => <NodeDeviceField host={host} {...props} />,
});

/** One of the list, or what names it. */
export const chosenDevice: Special = {
  missing: (values, device) => (device || values['node_device'] || values['kind'] ? null : t('Choose a device of the host, or say its kind and what names it.')),
};

/** What may be given to a machine, by libvirt's names of capabilities. */
const GIVEN: Record<string, string> = { usb_device: 'USB', pci: 'PCI', mdev: 'mdev', scsi: 'SCSI' };

function NodeDeviceField({ host, id, field, value, error, onChange }: ControlProps & { host: string }) {
  const list = useQuery({
    queryKey: ['nodedevs', host],
    queryFn: ({ signal }) => call<NodeDevice[]>('GET', '/hosts/{host}/nodedevs', { path: { host }, signal }),
    staleTime: 0,
  });
  const given = (list.data ?? []).filter((device) => device.type in GIVEN).sort((a, b) => a.type.localeCompare(b.type) || a.title.localeCompare(b.title));
  const text = (device: NodeDevice): string =>
    [
      `${GIVEN[device.type]} ${device.address ?? ''} ${device.title}`,
      device.iommu_group === null ? '' : t('IOMMU group {{group}}', { group: device.iommu_group }),
      device.used_by.length > 0 ? t('used by {{machines}}', { machines: device.used_by.join(', ') }) : '',
    ]
      .filter(Boolean)
      .join(', ');
  const empty = list.isPending ? t('Reading …') : given.length === 0 ? t('The host has none') : t('Choose one');
  const problem = error ?? (list.error ? problemOf(list.error).detail : undefined);
  const choices: Choice[] = given.map((device) => ({ value: device.name, label: text(device) }));
  return (
    <ChoiceField
      id={id}
      label={field.title}
      help={t('Or choose a kind, and say what names it.')}
      error={problem}
      value={value as string | null}
      empty={empty}
      choices={choices}
      onChange={(name) => onChange(name ?? '')}
    />
  );
}

export const displayControls: Controls = {
  '/listen': ({ id, field, value, error, when, onChange }) => (
    <ChoiceField
      id={id}
      label={field.title}
      help={t('The console of this page works with each of these.')}
      info={when}
      error={error}
      value={value as string | null}
      empty={t('as it is')}
      choices={[
        { value: 'socket', label: t('none: no open port, only this page') },
        { value: '127.0.0.1', label: t('from the host itself (127.0.0.1)') },
        { value: '0.0.0.0', label: t('from the network (0.0.0.0); set a password') },
      ]}
      onChange={(listen) => onChange(listen ?? '')}
    />
  ),
};

/** Where a display listens is a list in the definition and one choice in the form. */
export const listening: Special = {
  start: (device) => ({ listen: device ? listenOf(device) : 'socket' }),
  body: (values: Values) => (values['listen'] ? {} : { listen: undefined }),
  pointers: [],
  Fields: () => null,
};

function listenOf(device: Device): string {
  const listens = valueOf(device)['listens'];
  const [first] = (Array.isArray(listens) ? listens : []) as { type: string; address: string | null }[];
  if (!first) return '';
  return first.type === 'address' ? (first.address ?? '') : first.type;
}
