import { call, DOMAIN } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type ImportSource = Schemas['ImportSource'];
export type ImportReport = Schemas['ImportReport'];
export type ExportRequest = Schemas['ExportRequest'];
export type ConvertRequest = Schemas['ConvertRequest'];
export type CreateBody = Schemas['DomainRequest'];

/** Result of a conversion that is done; `create` is the body that makes the machine which was taken over. */
export interface ConvertResult {
  volumes: { pool: string; volume: string }[];
  create?: CreateBody | null;
}

export const IMPORTS = '/hosts/{host}/imports';
export const EXPORT = `${DOMAIN}/export`;

export function checkImport(host: string, body: ImportSource, signal: AbortSignal): Promise<ImportReport> {
  return call('POST', `${IMPORTS}/check`, { path: { host }, body, signal });
}
