import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { keys } from '../../api/queries';
import type { Host } from '../../api/types';

/** What is on screen is read again when its host is lost, as what was known last, and when it is back. */
export function useReadAnew(host: Host | undefined, uuid: string): void {
  const cache = useQueryClient();
  const id = host?.id;
  const connected = host && host.state === 'connected';
  const before = useRef(connected);
  useEffect(() => {
    if (id && before.current !== undefined && connected !== before.current) void cache.invalidateQueries({ queryKey: keys.domain(id, uuid) });
    before.current = connected;
  }, [cache, id, uuid, connected]);
}
