import { offersOf } from '../api/actions';
import type { Action, DomainSummary } from '../api/types';
import { stateWord } from '../util/states';
import { paths } from '../paths';
import { t } from '../util/i18n';

export interface Entry {
  id: string;
  title: string;
  note: string;
  /** What is searched, in lower case. */
  words: string;
  to?: string;
  actionId?: string;
  domain?: DomainSummary;
  /** Why it cannot be done now. */
  reason?: string | null;
}

function pages(): Entry[] {
  const list: [string, string][] = [
    [paths.machines, t('Machines')],
    [paths.newMachine(), t('New machine')],
    [paths.deletedMachines, t('Deleted machines')],
    [paths.hosts, t('Hosts')],
    [paths.storage, t('Storage')],
    [paths.networks, t('Networks')],
    [paths.jobs, t('Jobs')],
    [paths.audit, t('History')],
    [paths.sshKeys, t('SSH keys')],
    [paths.tokens, t('API tokens')],
    [paths.sessions, t('Your sessions')],
  ];
  return list.map(([to, title]) => ({ id: to, title, note: t('Page'), words: title.toLowerCase(), to }));
}

/** Everything that can be gone to or done. Acts on 1,000 machines are 20,000 entries: cheap strings, made once per change. */
export function buildEntries(domains: DomainSummary[], registry: Action[]): Entry[] {
  const machines = domains.map((domain): Entry => ({
    id: domain.uuid,
    title: domain.name,
    note: `${stateWord(domain.state)} · ${domain.host}`,
    words: [domain.name, domain.title, ...domain.tags, ...domain.addresses].filter(Boolean).join(' ').toLowerCase(),
    to: paths.machine(domain.host, domain.uuid),
    domain,
  }));
  const acts = domains.flatMap((domain) =>
    offersOf(registry, domain.actions).map(({ action, reason }): Entry => ({
      id: `${domain.uuid} ${action.id}`,
      title: `${action.title} ${domain.name}`,
      note: domain.host,
      words: `${action.title} ${domain.name}`.toLowerCase(),
      actionId: action.id,
      domain,
      reason,
    })),
  );
  return [...pages(), ...machines, ...acts];
}

/** Entries in which every word typed begins a word or at least occurs, the best first. Nothing typed: pages and machines. */
export function rank(entries: Entry[], text: string): Entry[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return entries.filter((entry) => !entry.actionId);
  const scored = entries.flatMap((entry) => {
    const score = scoreOf(entry, wanted);
    return score > 0 ? [{ entry, score }] : [];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ entry }) => entry);
}

function scoreOf(entry: Entry, wanted: string[]): number {
  const words = entry.words.split(' ');
  // "start web" means "Start web-1" rather than "Start with the host web-1", even if that is not allowed now.
  let score = (entry.actionId ? 0 : 1) + (3 * Math.min(wanted.length, words.length)) / words.length;
  for (const word of wanted) {
    const at = entry.words.indexOf(word);
    if (at < 0) return 0;
    score += at === 0 || entry.words[at - 1] === ' ' ? 3 : 1;
    if (words.includes(word)) score += 2;
  }
  return entry.reason ? score - 0.5 : score;
}
