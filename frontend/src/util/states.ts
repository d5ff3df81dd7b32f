import type { DomainState } from '../api/types';
import { t } from './i18n';

/** The word people read for a machine's state. */
export function stateWord(state: DomainState): string {
  const words: Record<DomainState, string> = {
    running: t('Running'),
    paused: t('Paused'),
    shutting_down: t('Shutting down'),
    shut_off: t('Off'),
    crashed: t('Crashed'),
    suspended: t('Asleep'),
    unknown: t('Unknown'),
  };
  return words[state];
}
