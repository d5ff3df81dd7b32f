import type { QueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useSyncExternalStore } from 'react';
import { io, type Socket } from 'socket.io-client';
import { isProblem } from './problem';
import { keys, queries } from './queries';
import { applyChanges } from './revisions';
import { StatsStore } from './stats';
import type { Changed, Domain, DomainSummary, Host, HostStats, Job } from './types';

export type Connection = 'connecting' | 'connected' | 'lost';

/** Events that come within this time are written into the cache at once: 1,000 machines change in one redraw. */
const GATHER_MS = 16;

/**
 * The one way news reaches the page: Socket.IO → query cache. Rooms are counted, so that two views may watch the same one.
 * After a break every room is joined anew and what is on screen is read again.
 */
export class Live {
  readonly stats = new StatsStore();
  private socket: Socket | null = null;
  private readonly rooms = new Map<string, number>();
  private readonly listeners = new Set<() => void>();
  private readonly queue: Changed[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private state: Connection = 'connecting';
  private wasConnected = false;

  constructor(private readonly cache: QueryClient) {}

  start(): void {
    if (this.socket) return;
    const socket = io({ transports: ['websocket'], reconnectionDelayMax: 10_000 });
    socket.on('connect', () => this.connected());
    socket.on('disconnect', () => this.lost());
    socket.on('connect_error', () => this.lost());
    socket.on('changed', (change: Changed) => this.gather(change));
    socket.on('stats', (sample: HostStats) => this.stats.put(sample));
    socket.on('job', (job: Job) => putJob(this.cache, job));
    this.socket = socket;
  }

  stop(): void {
    this.socket?.disconnect();
    this.socket = null;
    this.wasConnected = false;
    this.setState('connecting');
  }

  /** Joins a room until the function that it returns is called. */
  join(room: string): () => void {
    const count = this.rooms.get(room) ?? 0;
    this.rooms.set(room, count + 1);
    if (count === 0) void this.subscribe(room);
    return () => this.leave(room);
  }

  readonly onState = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getState = (): Connection => this.state;

  private leave(room: string): void {
    const count = (this.rooms.get(room) ?? 1) - 1;
    if (count > 0) {
      this.rooms.set(room, count);
      return;
    }
    this.rooms.delete(room);
    if (this.socket?.connected) this.socket.emit('unsubscribe', { room });
  }

  private async subscribe(room: string): Promise<void> {
    const known = room.startsWith('host:') ? await knownList(this.cache, room.slice('host:'.length)) : undefined;
    if (!this.socket?.connected || !this.rooms.has(room)) return;
    this.socket.emit('subscribe', { room, known }, (value: unknown) => {
      if (!isProblem(value)) this.current(room, value);
    });
  }

  private connected(): void {
    this.setState('connected');
    if (this.wasConnected) {
      forgetRevisions(this.cache);
      void this.cache.invalidateQueries({ refetchType: 'active' });
    }
    for (const room of this.rooms.keys()) void this.subscribe(room);
    this.wasConnected = true;
  }

  private lost(): void {
    this.setState('lost');
    // A server that ended our session drops the socket too; asking tells one from the other.
    void this.cache.invalidateQueries({ queryKey: keys.session });
  }

  private setState(state: Connection): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  private current(room: string, value: unknown): void {
    const [kind, host = ''] = room.split(':');
    if (kind === 'hosts' && Array.isArray(value)) this.cache.setQueryData(keys.hosts, value as Host[]);
    if (kind === 'jobs' && Array.isArray(value)) this.cache.setQueryData(keys.jobs, value as Job[]);
    if (kind === 'host' && Array.isArray(value)) this.cache.setQueryData(keys.domains(host), value as DomainSummary[]);
    if (kind === 'domain' && isDetail(value)) this.cache.setQueryData(keys.domain(host, value.uuid), value);
    if (kind === 'stats' && Array.isArray(value)) for (const sample of value as HostStats[]) this.stats.put(sample);
  }

  private gather(change: Changed): void {
    this.queue.push(change);
    this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  private flush(): void {
    this.timer = null;
    const changes = this.queue.splice(0);
    const domains = new Map<string, Changed[]>();
    for (const change of changes) {
      if (change.kind === 'host') putHost(this.cache, change);
      else if (change.kind !== 'domain') void this.cache.invalidateQueries({ queryKey: [`${change.kind}s`, change.host] });
      else if (isDetail(change.value)) putDetail(this.cache, change.value);
      else domains.set(change.host, [...(domains.get(change.host) ?? []), change]);
    }
    for (const [host, some] of domains) putDomains(this.cache, host, some);
  }
}

function isDetail(value: unknown): value is Domain {
  return typeof value === 'object' && value !== null && 'devices' in value;
}

/** Writes a burst of changes into one host's list. A list on its way meanwhile may be older: it is asked for again. */
export function putDomains(cache: QueryClient, host: string, changes: Changed[]): void {
  const key = keys.domains(host);
  cache.setQueryData<DomainSummary[]>(key, (old) => old && applyChanges(old, changes));
  if (cache.isFetching({ queryKey: key }) > 0) void cache.invalidateQueries({ queryKey: key });
  for (const { id, value } of changes) {
    if (value) continue;
    // Still on screen perhaps: the page then says that the machine is gone.
    void cache.invalidateQueries({ queryKey: keys.domain(host, id) });
  }
}

function putDetail(cache: QueryClient, value: Domain): void {
  cache.setQueryData<Domain>(keys.domain(value.host, value.uuid), (old) => (old && old.revision > value.revision ? old : value));
}

export function putHost(cache: QueryClient, { host: id, value }: Changed): void {
  const now = value as Host | null;
  const before = cache.getQueryData<Host[]>(keys.hosts)?.find((host) => host.id === id);
  cache.setQueryData<Host[]>(keys.hosts, (old = []) => {
    if (!now) return old.filter((host) => host.id !== id);
    return before ? old.map((host) => (host.id === id ? now : host)) : [...old, now];
  });
  // Of a host that is away the list tells what was last known.
  if (now && (now.state === 'connected') !== (before?.state === 'connected')) {
    void cache.invalidateQueries({ queryKey: keys.domains(id) });
  }
}

/** Newest first; a job that is known is replaced in its place. One that ended does not run again: its end may overtake
 * the answer that announced it. */
export function putJob(cache: QueryClient, job: Job): void {
  const newer = (known: Job | undefined): Job => (known && isOver(known) && !isOver(job) ? known : job);
  cache.setQueryData<Job[]>(keys.jobs, (old) => {
    if (!old) return old;
    return old.some((known) => known.id === job.id) ? old.map((known) => (known.id === job.id ? newer(known) : known)) : [job, ...old];
  });
  cache.setQueryData<Job>(keys.job(job.id), newer);
}

const isOver = (job: Job): boolean => job.ended !== null;

/** The ETag of a host's list, asked for where nobody has: packed it is a thirtieth of what the room would tell. */
async function knownList(cache: QueryClient, host: string): Promise<string | undefined> {
  await cache.prefetchQuery(queries.domains(host));
  return cache.getQueryData<string>(keys.domainsEtag(host));
}

/** A server that was restarted counts from the start again: what it says now is newer than anything known. */
function forgetRevisions(cache: QueryClient): void {
  for (const [key, rows] of cache.getQueriesData<DomainSummary[]>({ queryKey: ['domains'] })) {
    if (rows) cache.setQueryData(key, rows.map((row) => ({ ...row, revision: -1 })));
  }
  for (const [key, row] of cache.getQueriesData<Domain>({ queryKey: ['domain'] })) {
    if (row) cache.setQueryData(key, { ...row, revision: -1 });
  }
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = use(LiveContext);
  if (!live) throw new Error('No LiveContext above this component');
  return live;
}

/** Watches a room while the component is on screen; null watches nothing. */
export function useRoom(room: string | null): void {
  const live = useLive();
  useEffect(() => (room ? live.join(room) : undefined), [live, room]);
}

/** Watches the same kind of room for each of several hosts. */
export function useRooms(rooms: string[]): void {
  const live = useLive();
  const all = rooms.join(' ');
  useEffect(() => {
    const leaves = all ? all.split(' ').map((room) => live.join(room)) : [];
    return () => leaves.forEach((leave) => leave());
  }, [live, all]);
}

export function useConnection(): Connection {
  const live = useLive();
  return useSyncExternalStore(live.onState, live.getState);
}
