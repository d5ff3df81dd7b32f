import { call, DOMAIN } from './client';
import type { Target } from './actions';
import type { components } from './schema';
import type { Plan } from './types';

type Schemas = components['schemas'];
/** Body of a move with every option; what is as usual need not be said. */
export type MigrationRequest = Schemas['MigrationRequest'];
type Wish = Partial<MigrationRequest>;
export type DiskWish = Schemas['DiskWish'];
export type NetworkWish = Schemas['NetworkWish'];
export type MigrationOption = Schemas['MigrationOption'];
export type MigrationStyle = Schemas['Style'];
/** The form of a move: `blocked` says why an option cannot be set now, `ruled_out` which of its values. */
export type MigrationOptions = Schemas['MigrationOptions'];
type MigrationFinding = Omit<Schemas['MigrationFinding'], 'repairs'> & { repairs: Repair[] };
/** Rates are bytes per second; without `converges` the move would not come to an end. */
export type Forecast = Omit<Schemas['Forecast'], 'helps'> & { helps: Repair | null };
/** What removes a finding: an act on a host, or with `wish` another wish for the move. */
export type Repair = Omit<Schemas['Repair'], 'wish'> & { wish: Wish | null };
export type MigrationCheck = Omit<Schemas['MigrationCheck'], 'findings' | 'forecast'> & { findings: MigrationFinding[]; forecast: Forecast | null };

/** In the details of a migration's job. */
export interface MigrationDetails {
  remaining_bytes?: number;
  total_bytes?: number;
  rate_bytes_s?: number;
  dirty_rate_bytes_s?: number;
  iteration?: number;
  downtime_ms?: number | null;
  expected_downtime_ms?: number | null;
  eta_seconds?: number | null;
  elapsed_ms?: number;
  throttle_percent?: number;
  bandwidth_mib_s?: number | null;
  post_copy_bandwidth_mib_s?: number | null;
  max_downtime_ms?: number | null;
  /** What helps just now, in one sentence. */
  advice?: string | null;
  post_copy_allowed?: boolean;
  paused?: boolean;
  /** What was asked for; a changed definition only once the move has failed. */
  asked?: Wish & Pick<MigrationRequest, 'destination' | 'mode'>;
  /** Whether secrets were typed into the changed definition: those are not kept. */
  retype_secrets?: boolean;
}

/** Result of a migration's job that is done. */
export interface MigrationResult {
  destination: string;
  state: string;
  /** What is left on the source: `undefined`, `off`, or another state. */
  source: string;
  proof: string;
  duration_ms: number | null;
  downtime_ms: number | null;
  sent_bytes: number | null;
  predicted_ms: number | null;
  predicted_pause_ms: number | null;
}

export const MIGRATION = `${DOMAIN}/migration`;

export function checkMigration({ host, uuid }: Target, body: Wish, signal: AbortSignal): Promise<MigrationCheck> {
  return call('POST', `${MIGRATION}/check`, { path: { host, uuid }, body, signal });
}

export const REPAIR = `${MIGRATION}/repair`;

export function planRepair({ host, uuid }: Target, body: { kind: string; about: string; move: Wish }, signal: AbortSignal): Promise<Plan> {
  return call('POST', REPAIR, { path: { host, uuid }, query: { dry_run: true }, body, signal });
}

export function planMigration({ host, uuid }: Target, body: Wish, signal: AbortSignal): Promise<Plan> {
  return call('POST', MIGRATION, { path: { host, uuid }, query: { dry_run: true }, body, signal });
}

export const EVACUATION = '/hosts/{host}/evacuation';
export type EvacuationRequest = Omit<Schemas['EvacuationRequest'], 'move'> & { move: Wish };

/** One machine of a job that moves several. */
export interface Evacuee {
  uuid: string;
  name: string;
  state: 'waiting' | 'moving' | 'moved' | 'failed' | 'left';
  job: string | null;
  problem: Record<string, unknown> | null;
}

/** In the details of an evacuation's job. */
export interface EvacuationDetails {
  machines?: Evacuee[];
  asked?: Partial<EvacuationRequest> & Pick<EvacuationRequest, 'move'>;
}

export function evacuationOptions(host: string, move: Wish, signal: AbortSignal): Promise<MigrationOptions> {
  return call('POST', `${EVACUATION}/options`, { path: { host }, body: move, signal });
}

export function offeredOptions({ host, uuid }: Target, body: Wish, signal: AbortSignal): Promise<MigrationOptions> {
  return call('POST', `${MIGRATION}/options`, { path: { host, uuid }, body, signal });
}

/** The definition as it goes over, secrets masked. */
export function readMovingXml({ host, uuid }: Target): Promise<{ xml: string }> {
  return call('GET', `${MIGRATION}/xml`, { path: { host, uuid } });
}

/** New limits of a migration that runs (bandwidth 0 is none), or the way to its end. Throws ApiError. */
export function tuneMigration(id: string, body: Partial<Schemas['JobTune']>): Promise<unknown> {
  return call('PATCH', '/jobs/{id}', { path: { id }, body });
}
