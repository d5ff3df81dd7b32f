import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answered } from '../../api/answered';
import { call } from '../../api/client';
import type { Plan, Problem } from '../../api/types';

const QUIET_MS = 400;

export interface Preview {
  plan: Plan | undefined;
  problem: Problem | null;
  /** What the form says now is not what the plan shows yet. */
  stale: boolean;
}

/** The plan of what the form says, asked for anew when nobody has typed for a moment. A null body asks for nothing, nor is asked while it is carried out. */
export function usePreview(host: string, body: Record<string, unknown> | null, busy: boolean): Preview {
  const text = body ? JSON.stringify(body) : null;
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, isFetching } = useQuery({
    queryKey: ['create-plan', host, settled],
    queryFn: ({ signal }) => answered(call<Plan>('POST', '/hosts/{host}/domains', { path: { host }, query: { dry_run: true }, body: JSON.parse(settled ?? '{}') as unknown, signal }), signal),
    enabled: settled !== null && !busy,
    retry: false,
    staleTime: ({ state }) => (state.data?.problem ? 0 : 10_000),
    placeholderData: keepPreviousData,
  });
  const shown = text === null || settled === null ? undefined : data;
  return { plan: shown?.found, problem: shown?.problem ?? null, stale: isFetching || settled !== text };
}
