import type { components } from '../../api/schema';
import type { Network } from '../../api/storage';

export type Settings = components['schemas']['NetworkSettings'];
export type Ip = components['schemas']['NetworkIp'];
export type Family = 'ipv4' | 'ipv6';

/** Modes in which libvirt itself gives addresses and answers names. */
export const OWN_BRIDGE = ['nat', 'isolated', 'route', 'open'];
export const MACVTAP = ['bridge', 'private', 'vepa', 'passthrough'];

export const NEW: Settings = {
  name: '',
  mode: 'nat',
  ips: [{ family: 'ipv4', address: '192.168.100.1', prefix: 24, ranges: [{ start: '192.168.100.128', end: '192.168.100.254' }] }],
  autostart: true,
  start: true,
} as Settings;

export function settingsOf(network: Network): Settings {
  return { ...(network.settings as unknown as Settings), autostart: network.autostart };
}

/** The number of the first address of a family among all addresses, -1 where there is none. */
export const firstOf = (settings: Settings, family: Family): number => (settings.ips ?? []).findIndex((ip) => (ip.family ?? 'ipv4') === family);

/** The same settings with another first address of a family; null takes it away. */
export function withIp(settings: Settings, family: Family, ip: Ip | null): Settings {
  const at = firstOf(settings, family);
  const ips = [...(settings.ips ?? [])];
  if (ip === null) ips.splice(at, at < 0 ? 0 : 1);
  else if (at < 0) ips.push(ip);
  else ips[at] = ip;
  return { ...settings, ips };
}

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
