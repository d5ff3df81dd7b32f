import type { DomainState, DomainSummary } from '../../api/types';
import { stateWord } from '../../util/states';
import { t } from '../../util/i18n';
import { STATE_ORDER } from './columns';

interface Props {
  domains: DomainSummary[];
  filter: string;
  onFilter: (text: string) => void;
}

const STATE_TERM = /(^|\s)state:\S*/g;

/** How many machines are in each state; a press shows only these. The same as typing state:… into the filter. */
export function StateChips({ domains, filter, onFilter }: Props) {
  const counts = new Map<DomainState, number>();
  for (const { state } of domains) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts.keys()].sort((a, b) => STATE_ORDER.indexOf(a) - STATE_ORDER.indexOf(b));
  const rest = filter.replaceAll(STATE_TERM, '').trim();
  const choose = (term: string) => onFilter([term, rest].filter(Boolean).join(' '));
  return (
    <div className="qd-chips" role="group" aria-label={t('By state')}>
      <Chip label={t('All')} count={domains.length} on={rest === filter.trim()} onPress={() => choose('')} />
      {states.map((state) => {
        const term = `state:${state}`;
        const on = filter.split(/\s+/).includes(term);
        return <Chip key={state} label={stateWord(state)} count={counts.get(state) ?? 0} on={on} onPress={() => choose(on ? '' : term)} />;
      })}
    </div>
  );
}

function Chip({ label, count, on, onPress }: { label: string; count: number; on: boolean; onPress: () => void }) {
  return (
    <button type="button" className="qd-chip" aria-pressed={on} onClick={onPress}>
      {label} <strong>{count}</strong>
    </button>
  );
}
