import { problemOf } from '../../../api/client';
import type { Domain, PendingChange } from '../../../api/types';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { useDomainChange } from '../change';
import { useUndo } from '../undo';

/** Takes back one change that waits for the next start. */
export function useDiscard(domain: Domain): (change: PendingChange) => Promise<void> {
  const send = useDomainChange(domain);
  const undo = useUndo();
  return async ({ field, device }) => {
    try {
      const answer = await send({ method: 'POST', path: '/pending/discard', body: { field, device } });
      toast.success(t('The waiting change is discarded'), undefined, undo(answer.data));
    } catch (error) {
      toast.problem(t('Discard'), problemOf(error));
    }
  };
}
