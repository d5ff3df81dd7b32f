import './migrate.css';
import { Button, Checkbox, Form, FormGroup, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { address, call, problemOf } from '../../api/client';
import { isOver, useJob } from '../../api/jobs';
import { EVACUATION, planEvacuation, type EvacuationRequest } from '../../api/migration';
import { useHosts } from '../../api/queries';
import type { Host, Job, Problem } from '../../api/types';
import { CancelButton } from '../../components/CancelButton';
import { FormSelect, TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { ShowMe } from '../../components/ShowMe';
import { t } from '../../util/i18n';
import { Destinations } from './Destinations';
import { Evacuees } from './Evacuees';

interface Props {
  host: Host;
  /** These machines; null for all of the host. */
  machines: { uuid: string; memory_mib: number }[] | null;
  onClose: () => void;
}

type Order = EvacuationRequest['order'];

/** Moves several machines, or all of a host, in one job. */
export function Evacuate({ host, machines, onClose }: Props) {
  const others = useHosts().filter((other) => other.id !== host.id);
  const [destination, setDestination] = useState(() => others.find((other) => other.state === 'connected')?.id ?? '');
  const [order, setOrder] = useState<Order>('smallest_first');
  const [atOnce, setAtOnce] = useState(2);
  const [withOff, setWithOff] = useState(false);
  const [copy, setCopy] = useState(false);
  const [showing, setShowing] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [begun, setBegun] = useState<string | null>(null);
  const job = useJob(begun);
  const body = {
    machines: machines?.map((machine) => machine.uuid) ?? null,
    with_off: withOff,
    order,
    at_once: atOnce,
    move: { destination, undefine_source: true, ...(copy ? { storage: 'copy' as const } : {}) },
  };
  const plan = useQuery({
    queryKey: ['evacuation', host.id, JSON.stringify(body)],
    queryFn: ({ signal }) => planEvacuation(host.id, body, signal),
    enabled: showing,
    retry: false,
    gcTime: 0,
  });
  const start = () => {
    setProblem(null);
    call<Job>('POST', EVACUATION, { path: { host: host.id }, body }).then(
      (answer) => setBegun(answer.id),
      (error: unknown) => setProblem(problemOf(error)),
    );
  };
  const title = machines ? t('Move {{count}} machines', { count: machines.length }) : t('Evacuate {{host}}', { host: host.name });
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="evacuate-title">
      <ModalHeader title={title} labelId="evacuate-title" description={t('One job with a result for each machine; what runs goes on running while it moves.')} />
      <ModalBody tabIndex={0} aria-label={t('Where to and how')}>
        {problem ? <ProblemAlert problem={problem} /> : null}
        {job ? (
          <>
            {isOver(job) ? null : <JobProgress job={job} />}
            {job.problem ? <ProblemAlert problem={job.problem} /> : null}
            <Evacuees job={job} />
          </>
        ) : (
          <Form onSubmit={(event) => event.preventDefault()}>
            <Destinations hosts={others} memoryMib={machines?.reduce((sum, machine) => sum + machine.memory_mib, 0) ?? 0} chosen={destination} onChoose={setDestination} />
            <div className="qd-form-pair">
              <FormGroup label={t('Order')} fieldId="evacuate-order">
                <FormSelect id="evacuate-order" value={order} onChange={(_, next) => setOrder(next as Order)}>
                  <FormSelectOption value="smallest_first" label={t('The smallest first')} />
                  <FormSelectOption value="largest_first" label={t('The largest first')} />
                  <FormSelectOption value="as_given" label={t('As they stand in the list')} />
                </FormSelect>
              </FormGroup>
              <FormGroup label={t('At once')} fieldId="evacuate-at-once">
                <TextInput id="evacuate-at-once" type="number" min={1} max={8} value={atOnce} onChange={(_, text) => setAtOnce(Math.min(8, Math.max(1, Number(text) || 1)))} />
              </FormGroup>
            </div>
            <Checkbox id="evacuate-copy" label={t('Copy their disks with them')} description={t('For machines whose disks the other host does not see.')} isChecked={copy} onChange={(_, on) => setCopy(on)} />
            {machines ? null : <Checkbox id="evacuate-off" label={t('Those that are off too')} description={t('Only their definitions move; their disks must be on shared storage.')} isChecked={withOff} onChange={(_, on) => setWithOff(on)} />}
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {job ? (
          <Button onClick={onClose}>{isOver(job) ? t('Close') : t('Go on in the background')}</Button>
        ) : (
          <>
            <ReasonButton reason={destination ? null : t('No other host is connected.')} onClick={start}>
              {title}
            </ReasonButton>
            <ReasonButton variant="secondary" reason={destination ? null : t('No other host is connected.')} onClick={() => setShowing(true)}>
              {t('Show me')}
            </ReasonButton>
            <CancelButton onClick={onClose} />
          </>
        )}
      </ModalFooter>
      {showing ? (
        <ShowMe
          title={t('What would be done')}
          plan={plan.data}
          problem={plan.error ? problemOf(plan.error) : null}
          api={{ method: 'POST', path: address(EVACUATION, { path: { host: host.id } }), body }}
          onClose={() => setShowing(false)}
        />
      ) : null}
    </Dialog>
  );
}
