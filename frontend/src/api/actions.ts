import { useQuery, type QueryClient } from '@tanstack/react-query';
import { call, type CallOptions, DOMAIN, exchange, type Method } from './client';
import { putJob } from './live';
import { queries } from './queries';
import type { Action, Actions, Domain, Job } from './types';

/** An act as it is offered on one object: `reason` says why it is not allowed now, null that it is. */
export interface Offer {
  action: Action;
  reason: string | null;
}

/** The registry, in the server's order. Empty until it is read. */
export function useRegistry(): Action[] {
  return useQuery(queries.actions()).data ?? EMPTY;
}

const EMPTY: Action[] = [];

/** Merges the registry with the reasons of one object. An act that the object does not mention is left out. */
export function offersOf(registry: Action[], actions: Actions): Offer[] {
  return registry.flatMap((action) => {
    const reason = actions[action.id];
    return reason === undefined ? [] : [{ action, reason }];
  });
}

export interface Target {
  host: string;
  uuid: string;
}

/** What came of an act: a job to follow when it takes long, else it is done already. */
export interface Outcome {
  job: Job | null;
  data: unknown;
}

/** Where an act is asked for, as `call` takes it. */
export function templateOf(action: Action): string {
  return action.path.replace(/^\/api\/v1/, '').replace(/<(?:\w+:)?(\w+)>/g, '{$1}');
}

/** Does an act of the registry on one machine. Throws ApiError. */
export async function runAction(cache: QueryClient, action: Action, target: Target, options: Pick<CallOptions, 'body' | 'query'> = {}): Promise<Outcome> {
  if (action.id === 'autostart') return toggleAutostart(cache, target);
  const answer = await exchange<unknown>(action.method as Method, templateOf(action), {
    path: { host: target.host, uuid: target.uuid },
    query: options.query ?? {},
    body: options.body
  });
  return outcomeOf(cache, answer.status, answer.data);
}

/** A switch rather than a call of its own: it edits the saved definition, whose ETag is read first. */
async function toggleAutostart(cache: QueryClient, { host, uuid }: Target): Promise<Outcome> {
  const { etag, autostart } = await call<Domain>('GET', DOMAIN, { path: { host, uuid } });
  const body = { autostart: !autostart };
  const answer = await exchange<unknown>('PATCH', DOMAIN, { path: { host, uuid }, ifMatch: etag, body });
  return outcomeOf(cache, answer.status, answer.data);
}

/** For changes outside the registry: turns an answer into an outcome and puts the job into the tray at once. */
export function outcomeOf(cache: QueryClient, status: number, data: unknown): Outcome {
  if (status !== 202) return { job: null, data };
  const job = data as Job;
  putJob(cache, job);
  return { job, data };
}
