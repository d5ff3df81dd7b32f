import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MigrationOptions } from '../../api/migration';
import { useDebounced } from '../../util/useDebounced';
import type { Wish } from './wish';

const QUIET_MS = 300;

/** Every option of a move, as far as the wish allows; undefined until they are told. `whose` names what moves. */
export function useOffered(whose: string, wish: Wish, ask: (wish: Wish, signal: AbortSignal) => Promise<MigrationOptions>): MigrationOptions | undefined {
  const settled = useDebounced(JSON.stringify(wish), QUIET_MS);
  const { data } = useQuery({
    queryKey: ['migration-options', whose, settled],
    queryFn: ({ signal }) => ask(JSON.parse(settled) as Wish, signal),
    enabled: wish.destination !== '',
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  // Input that the server cannot read must not take away the field that it stands in.
  const [known, setKnown] = useState(data);
  if (data && data !== known) setKnown(data);
  return known;
}
