import type { Target } from './actions';
import { call, DOMAIN } from './client';
import type { components } from './schema';
import type { Plan } from './types';

type Schemas = components['schemas'];
/** Body of a clone, with every option said. */
export type CloneRequest = Required<Schemas['DomainClone']>;
export type CloneDisk = Schemas['CloneDisk'];
export type CloneAct = NonNullable<CloneDisk['act']>;

/** What a clone would be: how it is called, the disks of its own, and each thing that differs from the original. */
export interface ClonePlan extends Plan {
  name: string;
  /** Of all, where there are several. */
  names: string[];
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

export const CLONE = `${DOMAIN}/clone`;

export function planClone({ host, uuid }: Target, body: CloneRequest, signal: AbortSignal): Promise<ClonePlan> {
  return call('POST', CLONE, { path: { host, uuid }, query: { dry_run: true }, body, signal });
}
