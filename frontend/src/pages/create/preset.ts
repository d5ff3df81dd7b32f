import { EMPTY, type Draft } from './draft';
import { NO_SETTINGS } from './cloudInit';

const ITS_OWN = ['name', 'host', 'volume', 'passphrase'];

/** What is kept of a draft: all but what belongs to one machine or one host, and secrets. */
export function toPreset(draft: Draft): Record<string, unknown> {
  const kept = Object.entries(draft).filter(([name]) => !ITS_OWN.includes(name));
  const settings = draft.settings ? { settings: { ...draft.settings, password: '', user_data: '', hostname: '' } } : {};
  const answers = draft.answers ? { answers: { ...draft.answers, password: '', product_key: '', answer_file: '', hostname: '' } } : {};
  return { ...Object.fromEntries(kept), ...settings, ...answers };
}

/** A draft that begins from a preset. */
export function fromPreset(settings: Record<string, unknown>): Draft {
  const kept = settings as Partial<Draft>;
  return { ...EMPTY, ...kept, ...(kept.settings ? { settings: { ...NO_SETTINGS, ...kept.settings } } : {}) };
}
