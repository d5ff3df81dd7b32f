import { QueryClient, queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { ApiError, call, DOMAIN, exchange } from './client';
import { keepNewer } from './revisions';
import type { Action, AuditEntry, Domain, DomainSummary, DomainVolume, Host, Job, Locking, Twin } from './types';

/** One cache for the whole page. Live events keep it fresh, so nothing is refetched by time or by focus. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        // A refusal does not get better by asking again; a lost connection is retried by live.ts.
        retry: (count, error) => count < 1 && error instanceof ApiError && error.problem.status >= 502,
      },
    },
  });
}

/** Every key of the cache is made here. */
export const keys = {
  session: ['session'] as const,
  actions: ['actions'] as const,
  hosts: ['hosts'] as const,
  domains: (host: string) => ['domains', host] as const,
  domainsEtag: (host: string) => ['domains-etag', host] as const,
  domain: (host: string, uuid: string) => ['domain', host, uuid] as const,
  jobs: ['jobs'] as const,
  job: (id: string) => ['job', id] as const,
};

const HOST = '/hosts/{host}';
export const queries = {
  actions: () => queryOptions({ queryKey: keys.actions, queryFn: ({ signal }) => call<Action[]>('GET', '/actions', { signal }) }),
  hosts: () => queryOptions({ queryKey: keys.hosts, queryFn: ({ signal }) => call<Host[]>('GET', '/hosts', { signal }) }),
  locking: (host: string) =>
    queryOptions({ queryKey: ['locking', host], queryFn: ({ signal }) => call<Locking>('GET', `${HOST}/locking`, { path: { host }, signal }), staleTime: 0 }),
  twins: (host: string) =>
    queryOptions({ queryKey: ['twins', host], queryFn: ({ signal }) => call<Twin[]>('GET', `${HOST}/twins`, { path: { host }, signal }), staleTime: 0 }),
  domains: (host: string) =>
    queryOptions({
      queryKey: keys.domains(host),
      queryFn: async ({ client, queryKey, signal }) => {
        const read = await exchange<DomainSummary[]>('GET', `${HOST}/domains`, { path: { host }, signal });
        client.setQueryData(keys.domainsEtag(host), read.etag?.replaceAll('"', ''));
        return keepNewer(client.getQueryData<DomainSummary[]>(queryKey), read.data);
      },
      // keepNewer keeps what is equal; comparing 1,000 rows member by member at each event would cost more than drawing.
      structuralSharing: false,
    }),
  domain: (host: string, uuid: string) =>
    queryOptions({
      queryKey: keys.domain(host, uuid),
      queryFn: ({ signal }) => call<Domain>('GET', DOMAIN, { path: { host, uuid }, signal }),
    }),
  /** Its disks and who else uses them, for the delete dialog: asked anew each time it opens. */
  domainVolumes: (host: string, uuid: string) =>
    queryOptions({
      queryKey: ['domain-volumes', host, uuid],
      queryFn: ({ signal }) => call<DomainVolume[]>('GET', `${DOMAIN}/volumes`, { path: { host, uuid }, signal }),
      staleTime: 0,
    }),
  jobs: () => queryOptions({ queryKey: keys.jobs, queryFn: ({ signal }) => call<Job[]>('GET', '/jobs', { signal }) }),
  job: (id: string) =>
    queryOptions({ queryKey: keys.job(id), queryFn: ({ signal }) => call<Job>('GET', '/jobs/{id}', { path: { id }, signal }) }),
  audit: (before: number | null, target: string | null) =>
    queryOptions({
      queryKey: ['audit', before, target],
      queryFn: ({ signal }) => call<AuditEntry[]>('GET', '/audit', { query: { limit: 100, before, target }, signal }),
      staleTime: 0,
    }),
};

export function useHosts(): Host[] {
  return useQuery(queries.hosts()).data ?? NONE;
}

const NONE: never[] = [];

interface AllDomains {
  domains: DomainSummary[];
  loading: boolean;
  /** Hosts whose list could not be read, with why. */
  failed: { host: string; error: unknown }[];
}

/** The machines of all hosts as one list; of a host that is away as they were last known. Stable between changes, so it
 * may feed useMemo. */
export function useAllDomains(hosts: Host[]): AllDomains {
  return useQueries({ queries: hosts.map((host) => queries.domains(host.id)), combine: (results) => combine(hosts, results) });
}

function combine(hosts: Host[], results: { data?: DomainSummary[] | undefined; isPending: boolean; error: unknown }[]): AllDomains {
  const answers = results.map((result, index) => ({ ...result, host: hosts[index] })).filter(({ host }) => host?.state === 'connected');
  return {
    domains: results.flatMap((result) => result.data ?? []),
    loading: answers.some((answer) => answer.isPending),
    failed: answers.flatMap(({ host, error }) => (host && error ? [{ host: host.id, error }] : [])),
  };
}
