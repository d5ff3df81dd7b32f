import { useCallback, useSyncExternalStore } from 'react';
import { useHosts } from './queries';
import type { Host } from './types';

const NAME = 'looked-host';
const CHANGED = 'quarterdeck-looked-host';

/** The host that somebody wants to look at alone, kept in this browser; null for all of them. One that is gone counts as all. */
export function useLookedHost(): [Host | null, (id: string | null) => void] {
  const id = useSyncExternalStore(listen, stored);
  const host = useHosts().find((known) => known.id === id) ?? null;
  const choose = useCallback((next: string | null) => {
    if (next === null) localStorage.removeItem(NAME);
    else localStorage.setItem(NAME, next);
    window.dispatchEvent(new Event(CHANGED));
  }, []);
  return [host, choose];
}

/** Those of the hosts that are looked at. */
export function useLooked(hosts: Host[]): Host[] {
  const [looked] = useLookedHost();
  return looked ? hosts.filter((host) => host.id === looked.id) : hosts;
}

function stored(): string | null {
  return localStorage.getItem(NAME);
}

function listen(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed);
  window.addEventListener('storage', changed);
  return () => {
    window.removeEventListener(CHANGED, changed);
    window.removeEventListener('storage', changed);
  };
}
