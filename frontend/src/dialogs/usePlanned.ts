import { useQuery } from '@tanstack/react-query';
import { answered } from '../api/answered';
import { call, type CallOptions, type Method } from '../api/client';
import type { Plan, Problem } from '../api/types';
import { t } from '../util/i18n';
import { useDebounced } from '../util/useDebounced';

/** A change of the API: it is planned first, and can then be done. */
export interface Change extends Pick<CallOptions, 'path' | 'query' | 'body' | 'ifMatch'> {
  method: Method;
  template: string;
}

export interface Planned {
  plan: Plan | undefined;
  problem: Problem | null;
  /** What stands here is about the input as it is now. */
  settled: boolean;
}

const PAUSE_MS = 300;

/** What the change would do, asked of the server whenever it has stood still. Null: nothing to ask yet. */
export function usePlanned(change: Change | null): Planned {
  const text = change ? JSON.stringify(change) : null;
  const still = useDebounced(text, PAUSE_MS);
  const answer = useQuery({
    queryKey: ['planned', still],
    queryFn: ({ signal }) => {
      const { method, template, ...options } = JSON.parse(still ?? '{}') as Change;
      return answered(call<Plan>(method, template, { ...options, query: { ...options.query, dry_run: true }, signal }), signal);
    },
    enabled: still !== null,
    // Until the new answer is there the old one stays, so that nothing jumps while somebody types.
    placeholderData: (old) => old,
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  if (text === null || still === null) return { plan: undefined, problem: null, settled: text === still };
  return { plan: answer.data?.found, problem: answer.data?.problem ?? null, settled: text === still && !answer.isFetching };
}

/** Why it cannot be done now. What failed without a reason of its own may be tried. */
export function waitsFor({ problem, settled }: Planned): string | null {
  if (problem && problem.status >= 400 && problem.status < 500) return problem.errors?.[0]?.detail ?? problem.detail;
  return settled ? null : t('Asking what it would do …');
}
