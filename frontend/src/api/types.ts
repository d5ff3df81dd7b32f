/** The shapes of the API by the names that pages use. They come from the generated schema; `make api` writes it anew. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type FieldError = NonNullable<Schemas['Problem']['errors']>[number];

/** RFC 9457, with what Quarterdeck adds: `cure` what to do, `raw` libvirt's own words, `errors` by field. */
export type Problem = Schemas['Problem'] & Record<string, unknown>;

/** A model whose `problem` is one of ours; the document calls it an object of any kind. */
type Troubled<Model> = Omit<Model, 'problem'> & { problem: Problem | null };

/** Every known act: null when it may be done now, else the reason why not. */
export type Actions = Record<string, string | null>;

export type DomainSummary = Schemas['DomainSummary'];
export type DomainState = DomainSummary['state'];
export type Finding = Schemas['Finding'];
export type PendingChange = Schemas['PendingView'];

/** One value of a device: tagged by `type`, the other members depend on it. */
export type DeviceValue = { type: string } & Record<string, unknown>;
export type Device = Omit<Schemas['DeviceView'], 'saved' | 'running'> & {
  saved: DeviceValue | null;
  running: DeviceValue | null;
};
export type Domain = Omit<Schemas['Domain'], 'devices'> & { devices: Device[] };

export type Host = Troubled<Schemas['Host']>;
export type HostState = Host['state'];
export type Twin = Schemas['Twin'];
export type LockingWish = Schemas['LockingWish'];
export type Locking = Schemas['Locking'];
export type HostKeys = Schemas['HostKeys'];
export type HostTrusted = Schemas['HostTrusted'];
export type HostAdd = Schemas['HostAdd'];
export type HostPatch = Schemas['HostPatch'];
export type Session = Schemas['SessionView'];

/** An entry of the registry: the same acts feed buttons, menus, palette, shortcut sheet and API. */
export type Action = Schemas['ActionInfo'];

export type Job = Troubled<Schemas['Job']>;
export type JobState = Job['state'];
export type Plan = Schemas['Plan'];
export type PlanPart = Schemas['PlanPart'];
export type DomainStats = Schemas['DomainStats'];
export type HostLoad = Schemas['HostLoad'];
export type HostStats = Schemas['HostStats'];
export type DomainVolume = Schemas['DomainVolume'];
export type Remedy = Schemas['Remedy'];
export type Inverse = Schemas['Inverse'];
export type AuditEntry = Schemas['AuditEntry'];
export type Changed = Omit<Schemas['ChangedMessage'], 'value'> & { value: unknown };
