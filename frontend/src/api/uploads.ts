import { useSyncExternalStore } from 'react';
import { address, ApiError, call, currentCsrfToken, problemFrom, problemOf } from './client';
import { isOver } from './jobs';
import { VOLUME, type Volume } from './storage';
import type { Job, Problem } from './types';

type UploadState = 'running' | 'cut' | 'done' | 'failed' | 'cancelled';

/** A file on its way into a volume. It goes on while the user looks at other pages. */
export interface Upload {
  id: number;
  host: string;
  pool: string;
  volume: string;
  size: number;
  sent: number;
  /** Bytes per second over the last seconds; 0 until known. */
  rate: number;
  state: UploadState;
  /** Why it was cut or failed. */
  problem: Problem | null;
}

interface Entry extends Upload {
  file: File;
  /** What the whole of it must come to, where that is known. */
  sha256: string | null;
  request: XMLHttpRequest | null;
  marks: { time: number; sent: number }[];
  /** How often it may still be looked whether the server has let go of it. */
  patience: number;
}

type Place = Pick<Upload, 'host' | 'pool' | 'volume'>;

/** The rate is that of this many seconds. */
const WINDOW_MS = 5000;
const RETRIES = 15;
const RETRY_MS = 1000;

/** The uploads of this page. They end with the page, so the page asks before it is left. */
class Uploads {
  private entries: Entry[] = [];
  private shown: Upload[] = [];
  private next = 1;
  private readonly listeners = new Set<() => void>();

  readonly on = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): Upload[] => this.shown;

  start(place: Place, file: File, sha256: string | null): number {
    const entry = this.enter(place, file, sha256, 'running');
    this.send(entry, 0);
    return entry.id;
  }

  /** Goes on with one that an earlier page began: the file is the same. */
  goOn(place: Place, file: File, sha256: string | null): number {
    const { id } = this.enter(place, file, sha256, 'cut');
    void this.resume(id);
    return id;
  }

  private enter(place: Place, file: File, sha256: string | null, state: UploadState): Entry {
    const entry: Entry = { id: this.next++, ...place, file, sha256, size: file.size, sent: 0, rate: 0, state, problem: null, request: null, marks: [], patience: RETRIES };
    this.entries = [...this.entries, entry];
    return entry;
  }

  /** Goes on where the server's copy ends. */
  async resume(id: number): Promise<void> {
    const entry = this.find(id);
    if (!entry || entry.state !== 'cut') return;
    entry.patience = RETRIES;
    this.change(entry, { state: 'running', problem: null });
    try {
      if (!(await this.letGo(entry))) return;
      const { partial, replacement } = await call<Volume>('GET', VOLUME, { path: pathOf(entry) });
      const came = partial ?? replacement;
      if (came) this.send(entry, came.size_bytes === entry.size ? came.received_bytes : 0);
      else if (await this.arrived(entry)) this.change(entry, { state: 'done', sent: entry.size });
      else this.send(entry, 0);
    } catch (error) {
      // The volume is gone: from the start.
      if (error instanceof ApiError && error.problem.status === 404) this.send(entry, 0);
      else this.change(entry, { state: 'cut', problem: problemOf(error) });
    }
  }

  /** Stops it and removes what came so far; what was there before stays. Where that is refused it stays on the list with the reason. */
  async cancel(id: number): Promise<void> {
    const entry = this.find(id);
    if (!entry || entry.state === 'done') return;
    this.change(entry, { state: 'cut', problem: null, rate: 0 });
    entry.request?.abort();
    try {
      await call('DELETE', `${VOLUME}/content`, { path: pathOf(entry) });
    } catch (error) {
      if (!(error instanceof ApiError && error.problem.status === 404)) return this.change(entry, { problem: problemOf(error) });
    }
    this.change(entry, { state: 'cancelled' });
  }

  /** Takes one that is over off the list. */
  forget(id: number): void {
    this.entries = this.entries.filter((entry) => entry.id !== id || entry.state === 'running');
    this.tell();
  }

  private send(entry: Entry, from: number): void {
    const request = new XMLHttpRequest();
    request.open('PUT', address(`${VOLUME}/content`, { path: pathOf(entry), query: { keep_partial: true, sha256: entry.sha256 } }));
    request.setRequestHeader('X-CSRF-Token', currentCsrfToken());
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    if (entry.size > 0) request.setRequestHeader('Content-Range', `bytes ${from}-${entry.size - 1}/${entry.size}`);
    request.upload.onprogress = (event) => this.progress(entry, from + event.loaded);
    request.onload = () => this.answered(entry, request, from);
    request.onerror = () => this.change(entry, { state: 'cut', problem: CUT });
    entry.request = request;
    entry.marks = [];
    this.change(entry, { sent: from, rate: 0 });
    request.send(entry.file.slice(from));
  }

  private async sendOnceLetGo(entry: Entry, from: number): Promise<void> {
    try {
      if (await this.letGo(entry)) this.send(entry, from);
    } catch (error) {
      this.change(entry, { state: 'cut', problem: problemOf(error) });
    }
  }

  /** Whether to go on, once the server has noticed that the line was cut: what is sent before is sent for nothing. */
  private async letGo(entry: Entry): Promise<boolean> {
    let held = true;
    while (held && entry.state === 'running' && entry.patience > 0) {
      entry.patience -= 1;
      held = (await jobsOf(entry)).some((job) => !isOver(job));
      if (held) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return entry.state === 'running';
  }

  /** Whether the last upload of it came to its end. */
  private async arrived(entry: Entry): Promise<boolean> {
    return (await jobsOf(entry)).find((job) => job.kind === 'upload')?.state === 'done';
  }

  private progress(entry: Entry, sent: number): void {
    const now = performance.now();
    entry.marks = [...entry.marks.filter((mark) => now - mark.time < WINDOW_MS), { time: now, sent }];
    const [first] = entry.marks;
    const rate = first && now > first.time ? ((sent - first.sent) / (now - first.time)) * 1000 : 0;
    if (entry.state === 'running') this.change(entry, { sent, rate });
  }

  private answered(entry: Entry, request: XMLHttpRequest, from: number): void {
    if (entry.state !== 'running') return;
    if (request.status < 300) return this.change(entry, { state: 'done', sent: entry.size, rate: 0 });
    const problem = problemFrom(request, request.responseText);
    const received = problem['received_bytes'];
    // We counted other than the server, which may have been cut off in the middle of a piece: its count holds.
    if (problem.type.endsWith('/wrong-state') && typeof received === 'number') return this.send(entry, received);
    if (problem.type.endsWith('/busy') && entry.patience > 0) return void this.sendOnceLetGo(entry, from);
    // A refusal stands; what the server could not do just now may go on later.
    const cut = /\/(upload-cut|busy)$/.test(problem.type) || (request.status >= 500 && request.status !== 507);
    this.change(entry, { state: cut ? 'cut' : 'failed', problem, rate: 0, sent: cut && typeof received === 'number' ? received : entry.sent });
  }

  private find(id: number): Entry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  private change(entry: Entry, change: Partial<Upload>): void {
    Object.assign(entry, change);
    this.tell();
  }

  private tell(): void {
    this.shown = this.entries.map(({ file: _file, sha256: _sha256, request: _request, marks: _marks, patience: _patience, ...upload }) => upload);
    window.onbeforeunload = this.shown.some((upload) => upload.state === 'running') ? (event) => event.preventDefault() : null;
    for (const listener of this.listeners) listener();
  }
}

const CUT: Problem = {
  type: '/problems/unreachable',
  title: 'The upload was cut',
  status: 0,
  detail: 'The connection broke, or the server closed it. What came so far is kept.',
  cure: 'Resume it, or cancel it to remove what came so far.',
};

/** The jobs that work on its volume or did, newest first. */
async function jobsOf({ host, pool, volume }: Place): Promise<Job[]> {
  return (await call<Job[]>('GET', '/jobs')).filter((job) => job.host === host && job.target === `${pool}/${volume}`);
}

const pathOf = ({ host, pool, volume }: Upload) => ({ host, pool, volume });

export const uploads = new Uploads();

export function useUploads(): Upload[] {
  return useSyncExternalStore(uploads.on, uploads.get);
}

/** Seconds until it is complete at the present rate. */
export function secondsLeft(upload: Upload): number | null {
  return upload.rate > 0 ? (upload.size - upload.sent) / upload.rate : null;
}
