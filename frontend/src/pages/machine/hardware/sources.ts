import { queryOptions } from '@tanstack/react-query';
import { call } from '../../../api/client';

/** A storage pool of a host; sizes are 0 while it is not running. */
export interface Pool {
  uuid: string;
  name: string;
  type: string;
  active: boolean;
  path: string | null;
  capacity_bytes: number;
  available_bytes: number;
  formats: string[];
}

export interface Volume {
  pool: string;
  name: string;
  path: string;
  format: string;
  capacity_bytes: number;
  allocation_bytes: number;
  used_by: string[];
  is_iso: boolean;
}

// The first two members of the keys are what news of a pool or network make stale.
export const pools = (host: string) =>
  queryOptions({ queryKey: ['pools', host], queryFn: ({ signal }) => call<Pool[]>('GET', '/hosts/{host}/pools', { path: { host }, signal }) });

/** Volumes have no events, so they are read anew whenever somebody opens the list. */
export const volumes = (host: string, pool: string) =>
  queryOptions({
    queryKey: ['pools', host, pool, 'volumes'],
    queryFn: ({ signal }) => call<Volume[]>('GET', '/hosts/{host}/pools/{pool}/volumes', { path: { host, pool }, signal }),
    enabled: pool !== '',
    staleTime: 0,
  });
