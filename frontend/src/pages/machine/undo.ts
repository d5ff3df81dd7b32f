import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { exchange, problemOf } from '../../api/client';
import type { Domain } from '../../api/types';
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

function undoOf(cache: QueryClient, answer: unknown, label = t('Undo')): ToastAction | undefined {
  if (!isDomain(answer) || answer.undo === null) return undefined;
  const { host, uuid, undo: number } = answer;
  return { label, run: () => void undo(cache, { host, uuid, number }) };
}

/** From the answer to a change: what its toast offers. Nothing where the change cannot be undone. */
export function useUndo(): (answer: unknown) => ToastAction | undefined {
  const cache = useQueryClient();
  return (answer) => undoOf(cache, answer);
}
