import { useQuery } from '@tanstack/react-query';
import { problemOf } from './client';
import type { Plan, Problem } from './types';

export interface Planned {
  plan: Plan | undefined;
  /** Why there is none. */
  problem: Problem | null;
  pending: boolean;
}

/** What a change would do, asked anew for each key and never kept. */
export function usePlan(key: readonly unknown[], ask: (signal: AbortSignal) => Promise<Plan>, enabled = true): Planned {
  const asked = useQuery({ queryKey: key, queryFn: ({ signal }) => ask(signal), enabled, retry: false, gcTime: 0, staleTime: 0 });
  return { plan: asked.data, problem: asked.error ? problemOf(asked.error) : null, pending: enabled && asked.isPending };
}
