import type { components } from '../../api/schema';
import type { Network } from '../../api/storage';
import { firstAddress } from './addresses';

export type Settings = components['schemas']['NetworkSettings'];
export type Ip = components['schemas']['NetworkIp'];
export type Family = 'ipv4' | 'ipv6';

/** Modes in which libvirt itself gives addresses and answers names. */
export const OWN_BRIDGE = ['nat', 'isolated', 'route', 'open'];
export const MACVTAP = ['bridge', 'private', 'vepa', 'passthrough'];

/** A new network, by the number that is free for its addresses. */
export const newSettings = (free: number) => ({ name: '', mode: 'nat', ips: [firstAddress('ipv4', free)], autostart: true, start: true }) as unknown as Settings;

export function settingsOf(network: Network): Settings {
  return { ...(network.settings as unknown as Settings), autostart: network.autostart };
}

/** Where the addresses of a family stand among all addresses. */
export const numbersOf = (settings: Settings, family: Family): number[] => (settings.ips ?? []).flatMap((ip, number) => ((ip.family ?? 'ipv4') === family ? [number] : []));

/** The same settings with another address at this place, without it, or with one more (place null). */
export function withIp(settings: Settings, number: number | null, ip: Ip | null): Settings {
  const ips = [...(settings.ips ?? [])];
  ips.splice(number ?? ips.length, number === null ? 0 : 1, ...(ip ? [ip] : []));
  return { ...settings, ips };
}

/** The same settings without any address of a family. */
export function withoutFamily(settings: Settings, family: Family): Settings {
  return { ...settings, ips: (settings.ips ?? []).filter((ip) => (ip.family ?? 'ipv4') !== family) };
}

/** What each type of virtual port is told. */
export const PORT_PARAMETERS: Record<string, (keyof Settings)[]> = {
  openvswitch: ['profile_id', 'interface_id'],
  '802.1Qbg': ['manager_id', 'type_id', 'type_id_version', 'instance_id'],
  '802.1Qbh': ['profile_id'],
  midonet: ['interface_id'],
};

/** What belongs to other modes is left out, so that a change of mode leaves nothing behind that is refused. */
export function toBody(settings: Settings): Settings {
  const own = OWN_BRIDGE.includes(settings.mode ?? 'isolated');
  const mode = settings.mode ?? 'isolated';
  const dropped = new Set<string>();
  const drop = (names: string[]) => names.forEach((name) => dropped.add(name));
  if (!own) drop(['ips', 'routes', 'domain', 'domain_local_only', 'dns', 'dns_hosts', 'dns_forwarders', 'dns_txts', 'dns_srvs', 'stp', 'bridge_delay_seconds', 'zone', 'mtu', 'guests_ipv6']);
  if (mode !== 'nat') drop(['nat_ipv6', 'nat_address_start', 'nat_address_end', 'nat_port_start', 'nat_port_end']);
  if (mode !== 'nat' && mode !== 'route') drop(['forward_device']);
  if (mode !== 'hostdev') drop(['physical_function', 'managed']);
  if (!MACVTAP.includes(mode)) drop(['interfaces']);
  if (!own && mode !== 'bridge') drop(['bridge']);
  if (own) drop(['virtualport', 'vlan_tags', 'vlan_trunk']);
  const told = own ? [] : (PORT_PARAMETERS[settings.virtualport ?? ''] ?? []);
  drop(Object.values(PORT_PARAMETERS).flat().filter((name) => !told.includes(name)));
  return clean(Object.fromEntries(Object.entries(settings).filter(([name]) => !dropped.has(name)))) as Settings;
}

/** Empty words and lists of empty words are no values. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => each !== '').map(clean);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null && each !== undefined && each !== '')
      .map(([name, each]) => [name, clean(each)]),
  );
}
