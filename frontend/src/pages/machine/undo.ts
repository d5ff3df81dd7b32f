import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { exchange, problemOf } from '../../api/client';
import type { Domain, Inverse } from '../../api/types';
import { toast, type ToastAction } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { DOMAIN, isDomain, keepDomain } from './change';

interface Change {
  host: string;
  uuid: string;
  /** In the history of the machine. */
  number: number;
}

/** Takes a change back, and offers to do it again. What was changed since stays, so no version is named. */
export async function undo(cache: QueryClient, { host, uuid, number }: Change): Promise<void> {
  try {
    const { data } = await exchange<Domain>('POST', `${DOMAIN}/history/{number}/undo`, { path: { host, uuid, number }, ifMatch: '*', body: {} });
    keepDomain(cache, data);
    toast.success(t('{{name}}: undone', { name: data.name }), undefined, undoOf(cache, data, t('Do it again')));
  } catch (error) {
    toast.problem(t('Undo'), problemOf(error));
  }
}

/** The same for a change that no definition tells: the answer to it says how. */
async function turnBack(cache: QueryClient, { host, uuid }: Domain, { device, body, apply }: Inverse): Promise<void> {
  try {
    const path = device === null ? DOMAIN : `${DOMAIN}/devices/{device}`;
    const { data } = await exchange<Domain>('PATCH', path, { path: { host, uuid, ...(device === null ? {} : { device }) }, query: { apply }, ifMatch: '*', body });
    keepDomain(cache, data);
    toast.success(t('{{name}}: undone', { name: data.name }), undefined, undoOf(cache, data, t('Do it again')));
  } catch (error) {
    toast.problem(t('Undo'), problemOf(error));
  }
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
