import { queryOptions, useQueries } from '@tanstack/react-query';
import { call } from './client';
import type { components } from './schema';
import type { Host } from './types';

type Schemas = components['schemas'];
/** Sizes are bytes, 0 while the pool does not run. */
export type Pool = Schemas['Pool'];
/** `partial` is set while its upload is not complete. */
export type Volume = Schemas['Volume'];
type VolumeSystem = Schemas['VolumeSystem'];
export type VolumeDownload = Schemas['VolumeDownload'];
/** An image that a volume stands on. */
export type Backing = Schemas['Backing'];
export type Network = Schemas['Network'];
type PoolAct = 'create' | 'copy' | 'upload' | 'download' | 'resize' | 'wipe' | 'delete' | 'build';
/** A type of pool with the fields of its form. */
export type PoolType = Schemas['PoolType'];
export type PoolSource = Schemas['PoolSource'];

/** Somebody on a network. */
export type NetworkClient = Schemas['NetworkClient'];
export type NwFilter = Schemas['NwFilter'];
export type NwFilterText = Schemas['NwFilterText'];
type HostInterface = Schemas['HostInterface'];

export const NETWORKS = '/hosts/{host}/networks';
export const NETWORK = `${NETWORKS}/{network}`;
export const POOLS = '/hosts/{host}/pools';
export const POOL = `${POOLS}/{pool}`;
export const VOLUME = `${POOL}/volumes/{volume}`;

/**
 * Events of a host's pools and networks mark everything under ['pools', host] and ['networks', host] as old; the view that shows
 * them has to be in the room `host:<id>`.
 */
export const storageKeys = {
  pools: (host: string) => ['pools', host] as const,
  pool: (host: string, pool: string) => ['pools', host, 'pool', pool] as const,
  volumes: (host: string, pool: string) => ['pools', host, 'volumes', pool] as const,
  networks: (host: string) => ['networks', host] as const,
  filters: (host: string) => ['nwfilters', host] as const,
};

export const storageQueries = {
  pools: (host: string) =>
    queryOptions({ queryKey: storageKeys.pools(host), queryFn: ({ signal }) => call<Pool[]>('GET', '/hosts/{host}/pools', { path: { host }, signal }) }),
  pool: (host: string, pool: string) =>
    queryOptions({ queryKey: storageKeys.pool(host, pool), queryFn: ({ signal }) => call<Pool>('GET', POOL, { path: { host, pool }, signal }) }),
  poolTypes: (host: string) =>
    queryOptions({ queryKey: ['pool-types', host], queryFn: ({ signal }) => call<PoolType[]>('GET', '/hosts/{host}/pool-types', { path: { host }, signal }) }),
  volumes: (host: string, pool: string) =>
    queryOptions({
      queryKey: storageKeys.volumes(host, pool),
      queryFn: ({ signal }) => call<Volume[]>('GET', `${POOL}/volumes`, { path: { host, pool }, signal }),
    }),
  /** The system of each medium and image, where that is known; the key makes it follow the volumes. */
  systems: (host: string, pool: string) =>
    queryOptions({
      queryKey: [...storageKeys.volumes(host, pool), 'systems'],
      queryFn: ({ signal }) => call<VolumeSystem[]>('GET', `${POOL}/systems`, { path: { host, pool }, signal }),
    }),
  chain: (host: string, pool: string, volume: string) =>
    queryOptions({ queryKey: [...storageKeys.volumes(host, pool), volume, 'chain'], queryFn: ({ signal }) => call<Backing[]>('GET', `${VOLUME}/chain`, { path: { host, pool, volume }, signal }) }),
  unused: (host: string) =>
    queryOptions({ queryKey: [...storageKeys.pools(host), 'unused'], queryFn: ({ signal }) => call<Volume[]>('GET', '/hosts/{host}/unused-volumes', { path: { host }, signal }) }),
  clients: (host: string, network: string) =>
    queryOptions({ queryKey: [...storageKeys.networks(host), network, 'clients'], queryFn: ({ signal }) => call<NetworkClient[]>('GET', `${NETWORK}/clients`, { path: { host, network }, signal }) }),
  interfaces: (host: string) =>
    queryOptions({ queryKey: [...storageKeys.networks(host), 'interfaces'], queryFn: ({ signal }) => call<HostInterface[]>('GET', '/hosts/{host}/interfaces', { path: { host }, signal }) }),
  filters: (host: string) =>
    queryOptions({ queryKey: storageKeys.filters(host), queryFn: ({ signal }) => call<NwFilter[]>('GET', '/hosts/{host}/nwfilters', { path: { host }, signal }) }),
  filter: (host: string, nwfilter: string) =>
    queryOptions({ queryKey: [...storageKeys.filters(host), nwfilter], queryFn: ({ signal }) => call<NwFilterText>('GET', '/hosts/{host}/nwfilters/{nwfilter}', { path: { host, nwfilter }, signal }) }),
  networks: (host: string) =>
    queryOptions({
      queryKey: storageKeys.networks(host),
      queryFn: ({ signal }) => call<Network[]>('GET', '/hosts/{host}/networks', { path: { host }, signal }),
    }),
};

export interface OfHost<T> {
  host: Host;
  items: T[] | undefined;
  error: unknown;
}

/** The pools of every host that answers. */
export function usePools(hosts: Host[]): OfHost<Pool>[] {
  const connected = hosts.filter((host) => host.state === 'connected');
  const results = useQueries({ queries: connected.map((host) => storageQueries.pools(host.id)) });
  return connected.map((host, index) => ({ host, items: results[index]?.data, error: results[index]?.error }));
}

/** The networks of every host that answers. */
export function useNetworks(hosts: Host[]): OfHost<Network>[] {
  const connected = hosts.filter((host) => host.state === 'connected');
  const results = useQueries({ queries: connected.map((host) => storageQueries.networks(host.id)) });
  return connected.map((host, index) => ({ host, items: results[index]?.data, error: results[index]?.error }));
}

/** Why libvirt cannot do this with volumes of such a pool; null where it can. */
export const lacks = (pool: Pool, act: PoolAct): string | null => pool.refusals[act] ?? null;

/** Where a pool lies: its server or device, and where the host has it. */
export const placeOf = ({ source, path }: Pool): string => [...new Set([source, path])].filter(Boolean).join(' → ');

/** The pool that new files go to unless somebody chooses: `default`, else the one with most room. */
export function usualPool(pools: Pool[]): Pool | undefined {
  return pools.find(({ name }) => name === 'default') ?? [...pools].sort((a, b) => b.available_bytes - a.available_bytes)[0];
}
