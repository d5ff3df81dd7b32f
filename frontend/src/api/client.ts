import { onceMore } from '../util/onceMore';
import type { Problem } from './types';

/** Thrown by every call that fails: `problem` is what the server said, or our own words when it said nothing. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
  }

  get slug(): string {
    return this.problem.type.split('/').pop() ?? '';
  }
}

/** The problem inside anything thrown; faults of the page itself become one too, so that nothing fails silently. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const text = error instanceof Error ? error.message : String(error);
  return { type: 'about:blank', title: 'Something went wrong in the page', status: 0, detail: text };
}

/** Why a page cannot be shown; null while only the line to the server is cut, which the shell tells: what was read stays, with what one typed. */
export function unread({ error, data }: { error: Error | null; data: unknown }): Problem | null {
  const problem = error ? problemOf(error) : null;
  return problem?.type === '/problems/unreachable' && data !== undefined ? null : problem;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface CallOptions {
  /** Fills `{host}`, `{uuid}` and the like of the path; encoded here, nowhere else. */
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** ETag of the version that was looked at; the server refuses with `changed-meanwhile` when it is no longer that. */
  ifMatch?: string;
  signal?: AbortSignal;
  /** Asked by the page itself and not by an act of the person: does not keep the session alive. */
  background?: boolean;
}

export interface Answer<T> {
  status: number;
  data: T;
  etag: string | null;
  location: string | null;
  /** The entry of the log by which a change can be undone. */
  undo: number | null;
}

const API = '/api/v1';
/** The address of a machine. */
export const DOMAIN = '/hosts/{host}/domains/{uuid}';

let csrfToken = '';
const loggedOut = new Set<() => void>();
const contact = new Set<() => void>();

/** The token of the present session, sent with every change. Set by session.ts alone. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** For the one call that fetch cannot make: a file sent with its progress (uploads.ts). */
export function currentCsrfToken(): string {
  return csrfToken;
}

/** Calls back when the server says that there is no session (any more). */
export function onLoggedOut(listener: () => void): () => void {
  loggedOut.add(listener);
  return () => loggedOut.delete(listener);
}

/** Calls back after each answer to an act of the person: it restarts the idle time of the session. */
export function onContact(listener: () => void): () => void {
  contact.add(listener);
  return () => contact.delete(listener);
}

/** `/hosts/{host}` and `{host: 'local'}` become the full address, with the query appended. */
export function address(template: string, options: Pick<CallOptions, 'path' | 'query'> = {}): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = options.path?.[name];
    if (value === undefined) throw new Error(`${template} needs ${name}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== null && value !== undefined) query.set(name, String(value));
  }
  const search = query.toString();
  return API + path + (search ? `?${search}` : '');
}

async function send(method: Method, template: string, options: CallOptions): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  if (method !== 'GET') headers.set('X-CSRF-Token', csrfToken);
  if (options.background) headers.set('X-Activity', 'none');
  if (options.ifMatch) headers.set('If-Match', options.ifMatch);
  if (options.body !== undefined) headers.set('Content-Type', 'application/json');
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal) init.signal = options.signal;
  try {
    const ask = () => fetch(address(template, options), init);
    const changesNothing = method === 'GET' || options.query?.['dry_run'] === true;
    return await (changesNothing ? onceMore(ask) : ask());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError({
      type: '/problems/unreachable',
      title: 'Quarterdeck does not answer',
      status: 0,
      detail: 'The server could not be reached. Your machines run on.',
      cure: 'Check the network between you and the host, then try again.',
      raw: String(error),
    });
  }
}

/** The problem in the answer of a failed call. */
export function problemFrom({ status, statusText }: { status: number; statusText: string }, text: string): Problem {
  try {
    const body = JSON.parse(text) as Problem;
    if (typeof body.title === 'string') return { ...body, status };
  } catch {
    // Not JSON: something between us and the server answered. Its text is shown as it is.
  }
  return {
    type: 'about:blank',
    title: `The server answered ${status}`,
    status,
    detail: statusText || 'No reason was given.',
    raw: text.slice(0, 2000),
  };
}

async function checked(method: Method, template: string, options: CallOptions): Promise<Response> {
  const response = await send(method, template, options);
  if (!options.background) for (const listener of contact) listener();
  if (response.ok) return response;
  const problem = problemFrom(response, await response.text());
  if (response.status === 401 && template !== '/session') for (const listener of loggedOut) listener();
  throw new ApiError(problem);
}

/** From `</api/v1/audit/12/undo>; rel="undo"`. */
function undoFrom(link: string | null): number | null {
  const found = link?.match(/\/audit\/(\d+)\/undo>; rel="undo"/);
  return found ? Number(found[1]) : null;
}

/** One call with everything the answer carries. Prefer `call` where status and ETag do not matter. */
export async function exchange<T>(method: Method, template: string, options: CallOptions = {}): Promise<Answer<T>> {
  const response = await checked(method, template, options);
  const text = await response.text();
  return {
    status: response.status,
    data: (text ? JSON.parse(text) : undefined) as T,
    etag: response.headers.get('ETag'),
    location: response.headers.get('Location'),
    undo: undoFrom(response.headers.get('Link')),
  };
}

/** The answer's body, typed by the caller; throws ApiError. */
export async function call<T>(method: Method, template: string, options: CallOptions = {}): Promise<T> {
  return (await exchange<T>(method, template, options)).data;
}

/** Bytes (screenshots, volume content) instead of JSON. */
export async function callBlob(template: string, options: CallOptions = {}): Promise<Blob> {
  return (await checked('GET', template, options)).blob();
}
