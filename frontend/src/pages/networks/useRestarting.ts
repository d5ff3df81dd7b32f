import { isOver, useJobs } from '../../api/jobs';
import type { Network } from '../../api/storage';
import { t } from '../../util/i18n';

/** Why nothing else is done with a network while a job restarts it; null where none does. */
export function useRestarting({ host, name }: Pick<Network, 'host' | 'name'>): string | null {
  const job = useJobs().find((one) => one.kind === 'network-restart' && one.host === host && one.target === `network/${name}` && !isOver(one));
  return job ? t('It is restarted just now.') : null;
}
