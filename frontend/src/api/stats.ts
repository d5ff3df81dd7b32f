import { useEffect, useSyncExternalStore } from 'react';
import { useLive } from './live';
import type { DomainStats, HostLoad, HostStats } from './types';

/**
 * The last figures of every host, outside the query cache: they come every two seconds for all machines, and only the
 * bars on screen may be drawn again for them.
 */
export class StatsStore {
  private readonly samples = new Map<string, HostStats>();
  private readonly listeners = new Set<(sample: HostStats) => void>();
  private count = 0;

  put(sample: HostStats): void {
    this.samples.set(sample.host, sample);
    this.count += 1;
    for (const listener of this.listeners) listener(sample);
  }

  of(host: string, uuid: string): DomainStats | undefined {
    return this.samples.get(host)?.domains[uuid];
  }

  load(host: string): HostLoad | null {
    return this.samples.get(host)?.load ?? null;
  }

  /** Grows with each sample: tells a list that is sorted by a figure to sort again. */
  readonly version = (): number => this.count;

  readonly on = (listener: (sample: HostStats) => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}

/** Live figures of one machine. Some view above it has to be in the room `stats:<host>`. */
export function useDomainStats(host: string, uuid: string): DomainStats | undefined {
  const { stats } = useLive();
  return useSyncExternalStore(stats.on, () => stats.of(host, uuid));
}

/** How busy a host is. Some view above it has to be in the room `stats:<host>`. */
export function useHostLoad(host: string): HostLoad | null {
  const { stats } = useLive();
  return useSyncExternalStore(stats.on, () => stats.load(host));
}

/** Number that grows with each sample, or stands still while `active` is false. */
export function useStatsVersion(active: boolean): number {
  const { stats } = useLive();
  return useSyncExternalStore(active ? stats.on : never, () => (active ? stats.version() : 0));
}

/** Calls back with each sample of a host, for charts. */
export function useStatsListener(host: string, listener: (sample: HostStats) => void): void {
  const { stats } = useLive();
  useEffect(() => stats.on((sample) => (sample.host === host ? listener(sample) : undefined)), [stats, host, listener]);
}

const never = () => () => undefined;
