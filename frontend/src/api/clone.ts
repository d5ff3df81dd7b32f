import type { Target } from './actions';
import { call, DOMAIN } from './client';
import type { components } from './schema';
import type { Plan } from './types';

type Schemas = components['schemas'];
/** Body of a clone, with every option said. */
export type CloneRequest = Required<Schemas['DomainClone']>;
export type CloneDisk = Schemas['CloneDisk'];
export type CloneAct = NonNullable<CloneDisk['act']>;

/** What a clone would be: how it is called, its size, the disks of its own, and each thing that differs from the original. */
export interface ClonePlan extends Plan {
  name: string;
  /** Of all, where there are several. */
  names: string[];
  memory_mib: number;
  vcpus: number;
  disks: { target: string; act: CloneAct; pool: string; volume: string; size_bytes: number }[];
  changes: { field: string; detail: string }[];
}

/** Result of a clone's job that is done. */
export interface CloneResult {
  host: string;
  uuid: string;
  name: string;
  all?: { host: string; uuid: string; name: string }[];
}

/** Where a clone is asked for: of a machine as it is, or as it was at some time. */
export interface CloneSource {
  template: string;
  path: Record<string, string>;
}

/** The machine as it is. */
export const present = ({ host, uuid }: Target): CloneSource => ({ template: `${DOMAIN}/clone`, path: { host, uuid } });

export function planClone({ template, path }: CloneSource, body: CloneRequest, signal: AbortSignal): Promise<ClonePlan> {
  return call('POST', template, { path, query: { dry_run: true }, body, signal });
}
