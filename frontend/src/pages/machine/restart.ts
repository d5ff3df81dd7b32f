import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { runAction, useRegistry, type Target } from '../../api/actions';
import { problemOf } from '../../api/client';
import { useLive } from '../../api/live';
import { keys } from '../../api/queries';
import type { Domain } from '../../api/types';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';

export interface Restart {
  /** What is waited for; null when nothing is going on. */
  phase: 'stopping' | 'starting' | null;
  run: () => Promise<void>;
  stopWaiting: () => void;
}

/**
 * Shuts a machine down and starts it again, which applies what waits for the next start (a reboot inside the guest does
 * not). Goes on while another page of Quarterdeck is open; ends with the browser's tab.
 */
export function useRestart(domain: Domain): Restart {
  const cache = useQueryClient();
  const live = useLive();
  const registry = useRegistry();
  const [phase, setPhase] = useState<Restart['phase']>(null);
  const waiting = useRef<AbortController | null>(null);

  const step = async (id: string) => {
    const action = registry.find((known) => known.id === id);
    if (action) await runAction(cache, action, domain);
  };
  const wait = async () => {
    const control = new AbortController();
    waiting.current = control;
    const leave = live.join(`domain:${domain.host}:${domain.uuid}`);
    try {
      await whenOff(cache, domain, control.signal);
      if (control.signal.aborted) return;
      setPhase('starting');
      await step('start');
      toast.success(t('{{name}} was started again', { name: domain.name }));
    } catch (error) {
      toast.problem(t('{{name}} could not be started again', { name: domain.name }), problemOf(error));
    } finally {
      leave();
      setPhase(null);
    }
  };
  return {
    phase,
    run: async () => {
      await step('shutdown');
      setPhase('stopping');
      void wait();
    },
    stopWaiting: () => waiting.current?.abort(),
  };
}

/** Resolves when the machine is off, or when the signal says to wait no longer. */
function whenOff(cache: QueryClient, { host, uuid }: Target, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const isOff = () => cache.getQueryData<Domain>(keys.domain(host, uuid))?.state === 'shut_off';
    if (isOff()) return resolve();
    const stop = cache.getQueryCache().subscribe((event) => {
      if (event.query.queryKey[0] === 'domain' && event.query.queryKey[2] === uuid && isOff()) end();
    });
    const end = () => {
      stop();
      resolve();
    };
    signal.addEventListener('abort', end);
  });
}
