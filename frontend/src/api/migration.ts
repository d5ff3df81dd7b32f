import { call } from './client';
import type { Target } from './actions';
import type { components } from './schema';
import type { Plan } from './types';

type Schemas = components['schemas'];
/** Body of a move, with every option said. */
export type MigrationRequest = Required<Schemas['MigrationRequest']>;
export type MigrationFinding = Schemas['MigrationFinding'];
/** Rates are bytes per second; without `converges` the move would not come to an end. */
export type Forecast = Schemas['Forecast'];
export type MigrationCheck = Schemas['MigrationCheck'];

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
  bandwidth_mib_s?: number | null;
  max_downtime_ms?: number | null;
}

/** Result of a migration's job that is done. */
export interface MigrationResult {
  destination: string;
  state: string;
  duration_ms?: number | null;
  downtime_ms?: number | null;
  sent_bytes?: number | null;
}

export const MIGRATION = '/hosts/{host}/domains/{uuid}/migration';

export function checkMigration({ host, uuid }: Target, body: MigrationRequest, signal: AbortSignal): Promise<MigrationCheck> {
  return call('POST', `${MIGRATION}/check`, { path: { host, uuid }, body, signal });
}

export function planMigration({ host, uuid }: Target, body: MigrationRequest, signal: AbortSignal): Promise<Plan> {
  return call('POST', MIGRATION, { path: { host, uuid }, query: { dry_run: true }, body, signal });
}

/** New limits of a migration that runs; bandwidth 0 is no limit. Throws ApiError. */
export function tuneMigration(id: string, body: { bandwidth_mib_s?: number; max_downtime_ms?: number; post_copy?: true }): Promise<unknown> {
  return call('PATCH', '/jobs/{id}', { path: { id }, body });
}
