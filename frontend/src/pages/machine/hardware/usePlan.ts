import { useQuery } from '@tanstack/react-query';
import { ApiError, problemOf } from '../../../api/client';
import type { Domain, Plan, Problem } from '../../../api/types';
import { useDebounced } from '../../../util/useDebounced';
import { planOf, type DomainChange } from '../change';

/** Long enough to type a word, short enough to feel like an answer. */
const PAUSE_MS = 400;

export interface Planned {
  plan: Plan | undefined;
  problem: Problem | null;
  /** Somebody changed the machine since the version that the change is made from. */
  changed: boolean;
  /** What stands here is about the input as it is now. */
  settled: boolean;
}

/** What the change would do, asked of the server whenever the input has stood still. Null: nothing to ask yet. */
export function usePlan(domain: Domain, change: DomainChange | null, etag: string): Planned {
  const text = change ? JSON.stringify(change) : null;
  const still = useDebounced(text, PAUSE_MS);
  const answer = useQuery({
    queryKey: ['plan', domain.host, domain.uuid, etag, still],
    queryFn: ({ signal }) => planOf(domain, JSON.parse(still ?? '{}') as DomainChange, etag, signal),
    enabled: still !== null,
    // Until the new answer is there the old one stays, so that nothing jumps while somebody types.
    placeholderData: (old) => old,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  if (text === null || still === null) return { plan: undefined, problem: null, changed: false, settled: text === still };
  return {
    plan: answer.data,
    problem: answer.error ? problemOf(answer.error) : null,
    changed: answer.error instanceof ApiError && answer.error.slug === 'changed-meanwhile',
    settled: text === still && !answer.isFetching,
  };
}
