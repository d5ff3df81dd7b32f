import { ApiError, problemOf } from '../api/client';
import type { Problem } from '../api/types';
import { pause } from './typing';

export type LineState =
  /** Nobody wants a connection: the machine is off, or the view is gone. */
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** Lost; tried again after so many seconds, or at once by wake(). */
  | { kind: 'waiting'; seconds: number; problem: Problem | null }
  /** The session ended: the server closed with 4401 or answered 401. */
  | { kind: 'ended' }
  /** Asking again would not help until something changes. */
  | { kind: 'refused'; problem: Problem };

/** A connection that stands; `closed` resolves with the close code of its WebSocket. */
export interface Link {
  closed: Promise<number>;
  close: () => void;
}

export const SESSION_ENDED = 4401;
const PAUSES_SECONDS = [0.5, 1, 2, 4, 8, 15];
/** Refusals that pass by themselves: the machine is between off and on just now, or too many ask. */
const PASSING = [409, 429];
/** A connection that stood this long was a good one: the next break starts with the shortest pause again. */
const GOOD_MS = 5000;

/** Keeps a connection up for as long as it is wanted, with growing pauses between attempts. */
export class Line {
  private state: LineState = { kind: 'idle' };
  private readonly listeners = new Set<() => void>();
  private run: AbortController | null = null;
  private nap: AbortController | null = null;

  constructor(private readonly connect: (signal: AbortSignal) => Promise<Link>) {}

  readonly on = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): LineState => this.state;

  start(): void {
    if (this.run) return;
    this.run = new AbortController();
    void this.keep(this.run.signal);
  }

  stop(): void {
    this.run?.abort();
    this.run = null;
    this.nap?.abort();
    this.set({ kind: 'idle' });
  }

  /** Tries now instead of after the pause; also after a refusal. */
  wake(): void {
    if (this.state.kind === 'waiting') this.nap?.abort();
    if (this.state.kind === 'refused' || this.state.kind === 'ended') {
      this.stop();
      this.start();
    }
  }

  private async keep(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; ) {
      this.set({ kind: 'connecting' });
      const { over, good, problem } = await this.once(signal);
      if (signal.aborted) return;
      if (over) return this.set(over);
      if (good) attempt = 0;
      const seconds = PAUSES_SECONDS[Math.min(attempt, PAUSES_SECONDS.length - 1)] ?? 1;
      attempt += 1;
      this.set({ kind: 'waiting', seconds, problem });
      this.nap = new AbortController();
      await pause(seconds * 1000, this.nap.signal);
    }
  }

  /** One connection from dialling to its end. */
  private async once(signal: AbortSignal): Promise<{ over?: LineState; good: boolean; problem: Problem | null }> {
    try {
      const link = await this.connect(signal);
      const hangUp = () => link.close();
      signal.addEventListener('abort', hangUp);
      if (signal.aborted) hangUp();
      else this.set({ kind: 'open' });
      const opened = Date.now();
      const code = await link.closed;
      signal.removeEventListener('abort', hangUp);
      const good = Date.now() - opened > GOOD_MS;
      return code === SESSION_ENDED ? { over: { kind: 'ended' }, good, problem: null } : { good, problem: null };
    } catch (error) {
      return { ...this.verdict(error), good: false };
    }
  }

  private verdict(error: unknown): { over?: LineState; problem: Problem | null } {
    const problem = problemOf(error);
    if (problem.status === 401) return { over: { kind: 'ended' }, problem };
    const passes = PASSING.includes(problem.status) && problem.type !== '/problems/unsupported';
    const final = error instanceof ApiError && problem.status >= 400 && problem.status < 500 && !passes;
    return final ? { over: { kind: 'refused', problem }, problem } : { problem };
  }

  private set(state: LineState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
