import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { keys } from '../api/queries';
import { useSession } from '../api/session';
import type { DomainSummary } from '../api/types';
import { isOn } from './ConsoleCover';
import type { Line, LineState } from './line';

/** Holds a line up to a machine that is on, while it is `wanted`, and tells its state. While its host is away only what
 * stands is kept: another would not come about. A new login after the session's end connects again. */
export function useLine(line: Line, domain: DomainSummary, wanted = true): LineState {
  const cache = useQueryClient();
  const state = useSyncExternalStore(line.on, line.get);
  const session = useSession().data;
  const held = wanted && isOn(domain) && (!domain.last_seen || state.kind === 'open');
  const ended = state.kind === 'ended';
  const loggedIn = session !== null && session !== undefined;
  useEffect(() => {
    if (!held) return;
    line.start();
    const back = () => line.wake();
    window.addEventListener('online', back);
    return () => {
      window.removeEventListener('online', back);
      line.stop();
    };
  }, [line, held]);
  useEffect(() => {
    // Asking tells the shell, which then shows the login.
    if (ended) void cache.invalidateQueries({ queryKey: keys.session });
  }, [ended, cache]);
  useEffect(() => {
    if (loggedIn) line.wake();
  }, [loggedIn, line]);
  return state;
}
