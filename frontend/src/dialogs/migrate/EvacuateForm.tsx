import { Checkbox, Form, FormGroup, FormSelectOption, ModalBody, ModalFooter } from '@patternfly/react-core';
import { useState } from 'react';
import { address, call } from '../../api/client';
import { EVACUATION, evacuationOptions, type EvacuationDetails, type EvacuationRequest } from '../../api/migration';
import { useHosts } from '../../api/queries';
import type { Host, Job } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { ReasonButton } from '../../components/DisabledReason';
import { FormSelect, TextInput } from '../../components/inputs';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Effects, ShowMe } from '../../components/ShowMe';
import { t } from '../../util/i18n';
import { usePlanned } from '../usePlanned';
import { Destinations } from './Destinations';
import { Options, TypedConfirmation } from './Options';
import { useOffered } from './useOffered';
import { StorageChoice } from './Ways';
import type { Leaving } from './stayed';
import { toRequest, type Wish } from './wish';

interface Props {
  host: Host;
  title: string;
  machines: Leaving[] | null;
  earlier: EvacuationDetails['asked'];
  onClose: () => void;
  onStarted: (job: string) => void;
}

type Order = EvacuationRequest['order'];
const MOST_AT_ONCE = 8;

/** Where several machines go and how; who can go and who would stay is told as soon as the wish changes. */
export function EvacuateForm({ host, title, machines, earlier, onClose, onStarted }: Props) {
  const others = useHosts().filter((other) => other.id !== host.id);
  const first = others.find((other) => other.state === 'connected')?.id ?? '';
  const [wish, setWish] = useState<Wish>({ destination: '', mode: 'live', undefine_source: true, ...earlier?.move });
  const [order, setOrder] = useState<Order>(earlier?.order ?? 'smallest_first');
  const [atOnce, setAtOnce] = useState(earlier?.at_once ?? 2);
  const [withOff, setWithOff] = useState(earlier?.with_off ?? false);
  const [typed, setTyped] = useState('');
  const [showing, setShowing] = useState(false);
  const { attempt, busy, problem: refused, setProblem } = useAttempt();
  const move = toRequest({ ...wish, destination: wish.destination || first });
  const body = { machines: machines?.map(({ uuid }) => uuid) ?? null, with_off: withOff, order, at_once: atOnce, move };
  const path = { host: host.id };
  const planned = usePlanned(move.destination ? { method: 'POST', template: EVACUATION, path, body } : null);
  const known = useOffered(host.id, move, (wish, signal) => evacuationOptions(host.id, wish, signal));
  const problem = refused ?? planned.problem;
  const errors = (problem?.errors ?? []).map((error) => ({ ...error, pointer: error.pointer.replace(/^\/move/, '') }));
  const own = known?.options.map(({ name }) => `/${name}`) ?? [];
  const isShown = errors.length > 0 && errors.every(({ pointer }) => own.includes(pointer));
  const replace = (next: Wish) => {
    setProblem(null);
    setWish(next);
  };
  const set = (change: Partial<Wish>) => replace({ ...wish, ...change });
  const reason = !move.destination
    ? t('No other host is connected.')
    : move.unsafe && typed !== host.name
      ? t('Type the name of the host above: data may be lost.')
      : planned.problem
        ? (errors[0]?.detail ?? planned.problem.detail)
        : planned.settled
          ? null
          : t('Looking which of them can move …');
  const start = () => attempt(async () => onStarted((await call<Job>('POST', EVACUATION, { path, body })).id));
  return (
    <>
      <ModalBody tabIndex={0} aria-label={t('Where to and how')}>
        <Form onSubmit={(event) => event.preventDefault()}>
          <Destinations hosts={others} memoryMib={machines?.reduce((sum, machine) => sum + (machine.memory_mib ?? 0), 0) ?? 0} chosen={move.destination} onChoose={(destination) => set({ destination, pool: null })} />
          <div className="qd-form-pair">
            <FormGroup label={t('Order')} fieldId="evacuate-order">
              <FormSelect id="evacuate-order" value={order} onChange={(_, next) => setOrder(next as Order)}>
                <FormSelectOption value="smallest_first" label={t('The smallest first')} />
                <FormSelectOption value="largest_first" label={t('The largest first')} />
                <FormSelectOption value="as_given" label={t('As they stand in the list')} />
              </FormSelect>
            </FormGroup>
            <FormGroup label={t('At once')} fieldId="evacuate-at-once">
              <TextInput id="evacuate-at-once" type="number" min={1} max={MOST_AT_ONCE} value={atOnce} onChange={(_, text) => setAtOnce(Math.min(MOST_AT_ONCE, Math.max(1, Math.round(Number(text)) || 1)))} />
            </FormGroup>
          </div>
          <StorageChoice wish={wish} set={set} destination={move.destination} />
          {machines ? null : <Checkbox id="evacuate-off" label={t('Those that are off too')} description={move.storage === 'copy' ? t('Their disks go along.') : t('Only their definitions move; their disks must be on shared storage.')} isChecked={withOff} onChange={(_, on) => setWithOff(on)} />}
          <Options offered={known} wish={wish} set={replace} errors={errors} />
          {move.unsafe ? <TypedConfirmation name={host.name} typed={typed} onType={setTyped} /> : null}
          <div role="status" aria-busy={!planned.settled}>
            {problem && !isShown ? <ProblemAlert problem={problem} /> : null}
            {problem && isShown ? <p className="qd-dim">{t('It cannot be done so: see what is marked above.')}</p> : null}
            {planned.plan && !problem ? <Effects plan={planned.plan} /> : null}
            {!planned.plan && !problem && move.destination ? <p className="qd-dim">{t('Looking which of them can move …')}</p> : null}
          </div>
        </Form>
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={reason} onClick={() => void start()} isLoading={busy} isDisabled={busy}>
          {title}
        </ReasonButton>
        <ReasonButton variant="secondary" reason={move.destination ? null : t('No other host is connected.')} onClick={() => setShowing(true)}>
          {t('Show me')}
        </ReasonButton>
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showing ? <ShowMe title={t('What would be done')} plan={planned.plan} problem={planned.problem} api={{ method: 'POST', path: address(EVACUATION, { path }), body }} onClose={() => setShowing(false)} /> : null}
    </>
  );
}
