import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MigrationOptions } from '../../api/migration';
import type { Wish } from './wish';

/** Every option of a move, as far as the wish allows; undefined until they are told. `whose` names what moves. */
export function useOffered(whose: string, wish: Wish, ask: (wish: Wish, signal: AbortSignal) => Promise<MigrationOptions>): MigrationOptions | undefined {
  const { data } = useQuery({
    queryKey: ['migration-options', whose, JSON.stringify(wish)],
    queryFn: ({ signal }) => ask(wish, signal),
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
