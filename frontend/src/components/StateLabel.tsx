import CrashedIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import OffIcon from '@patternfly/react-icons/dist/esm/icons/power-off-icon';
import PausedIcon from '@patternfly/react-icons/dist/esm/icons/pause-circle-icon';
import RunningIcon from '@patternfly/react-icons/dist/esm/icons/play-circle-icon';
import SleepIcon from '@patternfly/react-icons/dist/esm/icons/moon-icon';
import StoppingIcon from '@patternfly/react-icons/dist/esm/icons/hourglass-half-icon';
import UnknownIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import type { ComponentType } from 'react';
import type { DomainState, DomainSummary } from '../api/types';
import { t } from '../util/i18n';
import { stateWord } from '../util/states';
import { formatTime } from '../util/time';
import { Hint } from './Hint';

type Status = 'success' | 'warning' | 'danger' | 'info';

const LOOK: Record<DomainState, { icon: ComponentType; status: Status | undefined }> = {
  running: { icon: RunningIcon, status: 'success' },
  paused: { icon: PausedIcon, status: 'warning' },
  shutting_down: { icon: StoppingIcon, status: 'info' },
  shut_off: { icon: OffIcon, status: undefined },
  crashed: { icon: CrashedIcon, status: 'danger' },
  suspended: { icon: SleepIcon, status: 'info' },
  unknown: { icon: UnknownIcon, status: 'warning' },
};

/** Reasons that say nothing beyond the state are left out of lists. */
const PLAIN = new Set(['booted', 'shutdown', 'unknown', 'unpaused', '']);

/** Icon and word of a machine's state; the reason beside it when it tells something, else in the tooltip. */
function StateLabel({ state, reason, text }: { state: DomainState; reason?: string; text?: string }) {
  const { icon: Shape, status } = LOOK[state];
  const label = (
    <span className="qd-state">
      <span className={status ? `qd-state-icon qd-state-${status}` : 'qd-state-icon qd-dim'}>
        <Shape />
      </span>
      <span>{stateWord(state)}</span>
      {text && reason !== undefined && !PLAIN.has(reason) ? <span className="qd-state-reason">{text}</span> : null}
    </span>
  );
  return text ? <Hint text={`${stateWord(state)}: ${text}`}>{label}</Hint> : label;
}

/** The state of a machine; grey, with when it was seen last, while its host is away. `plain` leaves the reason to the tooltip. */
export function MachineState({ domain, plain = false }: { domain: DomainSummary; plain?: boolean }) {
  const reason = plain ? {} : { reason: domain.last_seen ? 'away' : domain.reason };
  const label = <StateLabel state={domain.state} text={domain.last_seen ? t('seen {{time}}', { time: formatTime(domain.last_seen) }) : domain.reason_text} {...reason} />;
  return domain.last_seen ? <span className="qd-away">{label}</span> : label;
}
