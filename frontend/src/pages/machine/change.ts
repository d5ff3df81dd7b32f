import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { DOMAIN, exchange, type Method } from '../../api/client';
import { keys } from '../../api/queries';
import type { Domain, Plan } from '../../api/types';
import type { Change } from '../../dialogs/usePlanned';

/** When a change of hardware is to be made: now and in the saved definition, only now, or only at the next start. */
export type Apply = 'both' | 'live' | 'next_start';

/** One change of a machine's definition, as the API takes it. */
export interface DomainChange {
  method: Method;
  /** Below the machine: `/devices/disk-vda`; empty for the machine itself. */
  path: string;
  body?: unknown;
  apply?: Apply;
  query?: Record<string, string | boolean | undefined>;
}

/** The call that makes the change; `etag` names the version that the user looked at. */
export function callOf({ host, uuid }: Domain, { method, path, query, apply, body }: DomainChange, etag: string): Change {
  return { method, template: DOMAIN + path, path: { host, uuid }, query: { ...query, apply }, body, ifMatch: etag };
}

/** The whole answer of a change of the definition. */
function send(domain: Domain, change: DomainChange, etag: string, dryRun?: boolean, signal?: AbortSignal) {
  const { method, template, query, ...options } = callOf(domain, change, etag);
  return exchange<unknown>(method, template, { ...options, query: { ...query, dry_run: dryRun || undefined }, signal });
}

export async function planOf(domain: Domain, change: DomainChange, etag: string, signal?: AbortSignal): Promise<Plan> {
  return (await send(domain, change, etag, true, signal)).data as Plan;
}

/** An answer that is the machine goes into the cache at once: the next change needs its ETag, and the event may be slower. */
export function keepDomain(cache: QueryClient, data: unknown): void {
  if (!isDomain(data)) return;
  const domain = data;
  cache.setQueryData<Domain>(keys.domain(domain.host, domain.uuid), (old) => (old && old.revision > domain.revision ? old : domain));
  // Its event may have come before the service had noted whose change it was.
  void cache.invalidateQueries({ queryKey: ['history', domain.host, domain.uuid] });
  void cache.invalidateQueries({ queryKey: ['audit'] });
}

export function isDomain(data: unknown): data is Domain {
  return typeof data === 'object' && data !== null && 'devices' in data && 'etag' in data;
}

/** Changes the definition and keeps what the server answers. Throws ApiError. */
export function useDomainChange(domain: Domain) {
  const cache = useQueryClient();
  return async (change: DomainChange, etag = domain.etag) => {
    const answer = await send(domain, change, etag);
    keepDomain(cache, answer.data);
    return answer;
  };
}
