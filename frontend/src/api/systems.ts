import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
/** A guest system of the OS database; `firmware` says whether it starts with bios and efi, where that is known. */
export type System = Schemas['SystemView'];
/** What a medium holds; `known` is false where it is a newer release of `system` than the database knows. */
export type Detection = Schemas['Detection'];

/** Sizes of a machine under one name. */
export type InstanceType = Schemas['InstanceType'];

export type Medium = { pool: string; volume: string } | { path: string };

export const systemQueries = {
  search: (host: string, query: string, ended: boolean) =>
    queryOptions({
      queryKey: ['systems', host, query, ended],
      queryFn: ({ signal }) => call<System[]>('GET', '/hosts/{host}/osinfo', { path: { host }, query: { query, ended, limit: 40 }, signal }),
      // The list does not jump to empty between two letters.
      placeholderData: keepPreviousData,
    }),
  /** Those whose makers offer a disk image with cloud-init. */
  withImage: (host: string) =>
    queryOptions({
      queryKey: ['systems', host, 'with-image'],
      queryFn: ({ signal }) => call<System[]>('GET', '/hosts/{host}/osinfo', { path: { host }, query: { cloud_image: true }, signal }),
    }),
  instanceTypes: () => queryOptions({ queryKey: ['instance-types'], queryFn: ({ signal }) => call<InstanceType[]>('GET', '/instance-types', { signal }) }),
  /** What a medium holds, or what the address of an installation tree hints at. */
  detect: (host: string, medium: Medium | { url: string }) =>
    queryOptions({
      queryKey: ['detect', host, medium],
      queryFn: ({ signal }) => call<Detection>('GET', '/hosts/{host}/osinfo/detect', { path: { host }, query: { ...medium }, signal }),
    }),
};
