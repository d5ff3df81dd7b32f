import { useQuery } from '@tanstack/react-query';
import { address, exchange, problemOf, type Method } from '../../api/client';
import type { DomainSummary, Plan, Problem } from '../../api/types';
import { useDebounced } from '../../util/useDebounced';

/** One change below a machine that is planned first. */
export interface Deed {
  method: Method;
  /** Below the machine, encoded: `/snapshots/one/revert`. */
  path: string;
  body?: unknown;
  query?: Record<string, string | boolean | undefined>;
  ifMatch?: string;
}

export interface Planned {
  plan: Plan | undefined;
  problem: Problem | null;
  settled: boolean;
}

const PAUSE_MS = 300;
const DOMAIN = '/hosts/{host}/domains/{uuid}';

export function send(domain: DomainSummary, deed: Deed, dryRun?: boolean, signal?: AbortSignal) {
  return exchange<unknown>(deed.method, DOMAIN + deed.path, {
    path: { host: domain.host, uuid: domain.uuid },
    query: { ...deed.query, dry_run: dryRun || undefined },
    body: deed.body,
    ...(deed.ifMatch ? { ifMatch: deed.ifMatch } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** What the deed would do, asked of the server whenever it has stood still. Null: nothing to ask yet. */
export function usePlanned(domain: DomainSummary, deed: Deed | null): Planned {
  const text = deed ? JSON.stringify(deed) : null;
  const still = useDebounced(text, PAUSE_MS);
  const answer = useQuery({
    queryKey: ['deed', domain.host, domain.uuid, still],
    queryFn: async ({ signal }) => (await send(domain, JSON.parse(still ?? '{}') as Deed, true, signal)).data as Plan,
    enabled: still !== null,
    placeholderData: (old) => old,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  if (text === null || still === null) return { plan: undefined, problem: null, settled: text === still };
  return { plan: answer.error ? undefined : answer.data, problem: answer.error ? problemOf(answer.error) : null, settled: text === still && !answer.isFetching };
}

/** The call for scripts. */
export function apiCall(domain: DomainSummary, deed: Deed) {
  const path = address(DOMAIN + deed.path, { path: { host: domain.host, uuid: domain.uuid }, query: deed.query ?? {} });
  return { method: deed.method, path, body: deed.body, ...(deed.ifMatch ? { ifMatch: deed.ifMatch } : {}) };
}
