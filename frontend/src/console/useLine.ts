import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { keys } from '../api/queries';
import { useSession } from '../api/session';
import type { Line, LineState } from './line';

/** Holds a line up while `wanted` and tells its state. A new login after the session's end connects again. */
export function useLine(line: Line, wanted: boolean): LineState {
  const cache = useQueryClient();
  const state = useSyncExternalStore(line.on, line.get);
  const session = useSession().data;
  const ended = state.kind === 'ended';
  const loggedIn = session !== null && session !== undefined;
  useEffect(() => {
    if (!wanted) return;
    line.start();
    const back = () => line.wake();
    window.addEventListener('online', back);
    return () => {
      window.removeEventListener('online', back);
      line.stop();
    };
  }, [line, wanted]);
  useEffect(() => {
    // Asking tells the shell, which then shows the login.
    if (ended) void cache.invalidateQueries({ queryKey: keys.session });
  }, [ended, cache]);
  useEffect(() => {
    if (loggedIn) line.wake();
  }, [loggedIn, line]);
  return state;
}
