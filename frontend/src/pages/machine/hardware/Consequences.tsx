import { AlertActionLink } from '@patternfly/react-core';
import type { Domain } from '../../../api/types';
import { MeanwhileAlert } from '../../../components/MeanwhileAlert';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { Effects } from '../../../components/ShowMe';
import { t } from '../../../util/i18n';
import type { AnyForm } from './forms/form';
import type { HardwareState } from './useHardwareForm';
import { isOn } from './values';

/** A field shows its own errors, and those of the entries below it. */
const isShown = (pointers: string[], pointer: string): boolean => pointers.some((one) => one === pointer || pointer.startsWith(`${one}/`));

/** The foot of a form: when each change takes effect, what to mind, or what stands in the way. */
export function Consequences({ state, form, domain }: { state: HardwareState; form: AnyForm; domain: Domain }) {
  const { planned, problem } = state;
  const onlyFields = problem?.errors?.length && problem.errors.every((error) => isShown(form.pointers, error.pointer));
  // What the problem says as a whole need not be said again at its field.
  const shown = [...form.pointers, ...(problem?.errors ?? []).filter((error) => error.detail === problem?.detail).map((error) => error.pointer)];
  const later =
    problem?.status === 409 && isOn(domain) && domain.persistent && state.apply !== 'next_start' ? (
      <AlertActionLink onClick={() => state.setApply('next_start')}>{t('Change it for the next start only')}</AlertActionLink>
    ) : null;
  return (
    <div className="qd-consequences" role="status" aria-busy={!planned.settled}>
      {state.changed ? (
        <MeanwhileAlert name={domain.name} keep={state.keepMine} reload={state.reload} />
      ) : problem && !onlyFields ? (
        <ProblemAlert problem={problem} shownFields={shown} actions={later} />
      ) : planned.plan ? (
        <Effects plan={planned.plan} />
      ) : (
        <p className="qd-dim">{problem ? t('It cannot be done so: see what is marked above.') : state.hint}</p>
      )}
    </div>
  );
}
