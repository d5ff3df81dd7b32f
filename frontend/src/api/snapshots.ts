import { queryOptions } from '@tanstack/react-query';
import { call, DOMAIN } from './client';
import type { components } from './schema';

export type Snapshot = components['schemas']['Snapshot'];
export type SnapshotOptions = components['schemas']['SnapshotOptions'];

interface Target {
  host: string;
  uuid: string;
}

/** All snapshots of a machine. libvirt tells no event of them: read anew on opening, and whenever the machine changes. */
export const snapshotsOf = ({ host, uuid, revision }: Target & { revision: number }) =>
  queryOptions({
    queryKey: ['snapshots', host, uuid, revision],
    queryFn: ({ signal }) => call<Snapshot[]>('GET', `${DOMAIN}/snapshots`, { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
    staleTime: 0,
  });

/** What a new snapshot can be now, and why not more. */
export const snapshotOptions = ({ host, uuid }: Target) =>
  queryOptions({
    queryKey: ['snapshot-options', host, uuid],
    queryFn: ({ signal }) => call<SnapshotOptions>('GET', `${DOMAIN}/snapshot-options`, { path: { host, uuid }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
