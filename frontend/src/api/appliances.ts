import type { Target } from './actions';
import { call } from './client';
import type { components } from './schema';
import type { Plan } from './types';

type Schemas = components['schemas'];
export type ImportReport = Schemas['ImportReport'];
export type ImportRequest = Schemas['ImportRequest'];
export type ExportRequest = Schemas['ExportRequest'];

/** Result of a conversion that is done; `create` is the body that makes the machine which was taken over. */
export interface ConvertResult {
  volumes: { pool: string; volume: string }[];
  create?: Record<string, unknown> | null;
}

export const IMPORTS = '/hosts/{host}/imports';
export const EXPORT = '/hosts/{host}/domains/{uuid}/export';

export function checkImport(host: string, pool: string, volume: string, signal: AbortSignal): Promise<ImportReport> {
  return call('POST', `${IMPORTS}/check`, { path: { host }, body: { pool, volume }, signal });
}

export function planExport({ host, uuid }: Target, body: ExportRequest, signal: AbortSignal): Promise<Plan> {
  return call('POST', EXPORT, { path: { host, uuid }, query: { dry_run: true }, body, signal });
}
