import { useQueries, useQuery } from '@tanstack/react-query';
import { useRoom } from '../../api/live';
import { storageQueries, type Network, type NetworkClient } from '../../api/storage';
import type { Device, Domain } from '../../api/types';
import { isInterface, isOn, type InterfaceValue } from './hardware/values';

/** A card that reaches nobody: its network is gone or off, it lost the cable to a running one, or its link is down. */
export interface LooseCable {
  device: Device;
  why: 'gone' | 'off' | 'cut' | 'down';
  /** The network that the card names. */
  name: string;
  network?: Network;
}

/** The cards of a machine that reach nobody, as they run; of a machine that is off as they are saved. */
export function useLooseCables(domain: Domain): LooseCable[] {
  const { host } = domain;
  useRoom(`host:${host}`);
  const { data: networks } = useQuery(storageQueries.networks(host));
  const cut = (networks ?? []).filter((network) => network.active && network.cut_off.includes(domain.name));
  const clients = useQueries({ queries: cut.map(({ name }) => storageQueries.clients(host, name)) }).flatMap(({ data }) => data ?? []);
  const cards = domain.devices.flatMap((device) => {
    const nic = isOn(domain) ? device.running : device.saved;
    return isInterface(nic ?? null) ? [{ device, nic: nic as unknown as InterfaceValue }] : [];
  });
  return cards.flatMap(({ device, nic }) => {
    const loose = networks && looseFrom(networks, nic, domain, clients);
    return loose ? [{ device, ...loose }] : nic.link === 'down' ? [{ device, why: 'down' as const, name: nic.source.network ?? '' }] : [];
  });
}

function looseFrom(networks: Network[], nic: InterfaceValue, domain: Domain, clients: NetworkClient[]): Omit<LooseCable, 'device'> | null {
  const named = nic.source.network;
  if (!named) return null;
  // The network on which cards wait while theirs is restarted has the beginning of its UUID.
  const network = networks.find(({ name, uuid }) => name === named || named === `quarterdeck-hold-${uuid.slice(0, 8)}`);
  if (!network) return { why: 'gone', name: named };
  const { name } = network;
  if (isOn(domain) ? !network.cut_off.includes(domain.name) : network.active) return null;
  if (!network.active) return { why: 'off', name, network };
  const plugged = clients.some((client) => client.mac === nic.mac && !client.cut_off && !client.waits);
  return plugged ? null : { why: 'cut', name, network };
}
