import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { outcomeOf } from '../../api/actions';
import { DOMAIN, exchange, problemOf, type Answer, type Method } from '../../api/client';
import type { Network, Pool, Volume } from '../../api/storage';
import type { Domain, Inverse, Job } from '../../api/types';
import { toast, type ToastAction } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { isDomain, keepDomain } from './change';

/** What undoing answers: what was changed as it then is, the volume that is gone, or the job that does it. */
export type Undone = Domain | Pool | Network | Volume | Job;

interface Change {
  host: string;
  uuid: string;
  /** In the history of the machine. */
  number: number;
}

/** Takes a change back, and offers to do it again. What was changed since stays, so no version is named. */
async function undo(cache: QueryClient, { host, uuid, number }: Change): Promise<void> {
  try {
    const { data } = await exchange<Domain>('POST', `${DOMAIN}/history/{number}/undo`, { path: { host, uuid, number }, ifMatch: '*', body: {} });
    keepDomain(cache, data);
    toast.success(t('{{name}}: undone', { name: data.name }), undefined, undoOf(cache, data, t('Do it again')));
  } catch (error) {
    toast.problem(t('Undo'), problemOf(error));
  }
}

/** The same for a change that no definition tells: the answer to it says how. */
async function turnBack(cache: QueryClient, { host, uuid }: Pick<Domain, 'host' | 'uuid'>, inverse: Inverse): Promise<void> {
  const { act, device, xml, apply } = inverse;
  const one = device === null ? DOMAIN : `${DOMAIN}/devices/{device}`;
  const [method, template, body] = { change: ['PATCH', one, inverse.body], add: ['POST', `${DOMAIN}/devices/xml`, { xml }], remove: ['DELETE', one, undefined] }[act] as [Method, string, unknown];
  try {
    const path = { host, uuid, ...(device === null || act === 'add' ? {} : { device }) };
    tellUndone(cache, await exchange<Undone>(method, template, { path, query: { apply }, ifMatch: '*', body }));
  } catch (error) {
    toast.problem(t('Undo'), problemOf(error));
  }
}

/** Says that it is undone, or that it is under way, and offers to do it again. */
export function tellUndone(cache: QueryClient, { status, data, undo: entry }: Answer<Undone>): void {
  const { job } = outcomeOf(cache, status, data);
  if (job?.kind === 'device-remove') return toast.info(t('{{name}}: the guest was asked to let go of it', { name: job.target_name }));
  if (job) return toast.info(t('{{name}}: it is being undone', { name: job.target_name }));
  const { name } = data as Domain | Pool | Network | Volume;
  if (isDomain(data)) keepDomain(cache, data);
  else void cache.invalidateQueries();
  toast.success(t('{{name}}: undone', { name }), undefined, undoOfEntry(cache, entry, t('Do it again')));
}

/** Takes back what an entry of the log, or a job, tells of. */
async function takeBack(cache: QueryClient, template: string, path: Record<string, string | number>): Promise<void> {
  try {
    tellUndone(cache, await exchange<Undone>('POST', template, { path, body: {} }));
  } catch (error) {
    toast.problem(t('Undo'), problemOf(error));
  }
}

/** What a toast offers by the entry of the log that the answer to a change names. */
export function undoOfEntry(cache: QueryClient, number: number | null, label = t('Undo')): ToastAction | undefined {
  return number === null ? undefined : { label, run: () => void takeBack(cache, '/audit/{number}/undo', { number }) };
}

/** The same by the job that did it; nothing where none leads back. */
export function undoOfJob(cache: QueryClient, job: Job): ToastAction | undefined {
  const back = job.kind === 'take-snapshot' || (job.details['definition'] ?? job.details['inverse'] ?? null) !== null;
  return back ? { label: t('Undo'), run: () => void takeBack(cache, '/jobs/{id}/undo', { id: job.id }) } : undefined;
}

/** From the answer to a change: what its toast offers. Nothing where the change cannot be undone. */
export function undoOf(cache: QueryClient, answer: unknown, label = t('Undo')): ToastAction | undefined {
  if (!isDomain(answer)) return undefined;
  const { host, uuid, undo: number, inverse } = answer;
  if (number !== null) return { label, run: () => void undo(cache, { host, uuid, number }) };
  return inverse ? { label, run: () => void turnBack(cache, answer, inverse) } : undefined;
}

/** The same where a component wants it. */
export function useUndo(): (answer: unknown) => ToastAction | undefined {
  const cache = useQueryClient();
  return (answer) => undoOf(cache, answer);
}
