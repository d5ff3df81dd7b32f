import './clone.css';
import { Button, Checkbox, ExpandableSection, Form, FormGroup, ModalBody, ModalFooter, ModalHeader, Radio } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { outcomeOf } from '../../api/actions';
import { address, exchange, problemOf } from '../../api/client';
import { CLONE, planClone, type CloneRequest } from '../../api/clone';
import { fieldError } from '../../api/problem';
import { queries } from '../../api/queries';
import { storageQueries } from '../../api/storage';
import type { DomainSummary, Problem } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { CountInput } from '../../components/CountInput';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Effects, ShowMe } from '../../components/ShowMe';
import { cloudInit, type FirstSettings as Settings } from '../../pages/create/cloudInit';
import { t } from '../../util/i18n';
import { useDebounced } from '../../util/useDebounced';
import { Differences } from './Differences';
import { DiskChoices } from './DiskChoices';
import { FieldNote } from './FieldNote';
import { FirstSettings } from './FirstSettings';
import { Further } from './Further';
import { disksOf, firstWish } from './wish';

interface Props {
  domain: DomainSummary;
  onClose: () => void;
  /** The clone is being made. */
  onStarted: (job: string) => void;
}

const QUIET_MS = 400;

/** What the clone is to be; its plan is made anew as soon as the wish changes. */
export function CloneForm({ domain, onClose, onStarted }: Props) {
  const cache = useQueryClient();
  const full = useQuery(queries.domain(domain.host, domain.uuid));
  const pools = useQuery(storageQueries.pools(domain.host)).data ?? [];
  const [wish, setWish] = useState<CloneRequest>(firstWish);
  const settled = useDebounced(JSON.stringify(wish), QUIET_MS);
  const plan = useQuery({
    queryKey: ['clone-plan', domain.host, domain.uuid, settled],
    queryFn: ({ signal }) => planClone(domain, JSON.parse(settled) as CloneRequest, signal),
    placeholderData: (before) => before,
    retry: false,
    gcTime: 0,
  });
  const { attempt, busy, problem: refused, setProblem: setRefused } = useAttempt();
  const [showing, setShowing] = useState(false);
  const [settings, setSettings] = useState<Settings | null>(null);
  const problem = refused ?? (plan.error ? problemOf(plan.error) : null);
  const set = (change: Partial<CloneRequest>) => {
    setRefused(null);
    setWish({ ...wish, ...change });
  };
  const take = (next: Settings | null) => {
    setSettings(next);
    set({ cloud_init: next && (cloudInit(next) as CloneRequest['cloud_init']) });
  };
  const start = () =>
    attempt(async () => {
      const answer = await exchange<unknown>('POST', CLONE, { path: { host: domain.host, uuid: domain.uuid }, body: wish });
      const { job } = outcomeOf(cache, answer.status, answer.data);
      if (job) onStarted(job.id);
    });
  const known = plan.error ? undefined : plan.data;
  return (
    <>
      <ModalHeader title={t('Clone {{name}}', { name: domain.name })} labelId="clone-title" description={t('Another machine with a copy of its disks and settings.')} />
      <ModalBody tabIndex={0} aria-label={t('What the clone is to be')}>
        {full.isPending ? <LoadingPage /> : null}
        {full.error ? <ProblemAlert problem={problemOf(full.error)} /> : null}
        {full.data ? (
          <Form onSubmit={(event) => event.preventDefault()}>
            {problem && !problem.errors?.length ? <ProblemAlert problem={problem} /> : null}
            <Field id="clone-name" label={t('Name')} error={fieldError(problem, '/name')} help={t('Left empty, it is made from the name of the original.')}>
              <TextInput id="clone-name" value={wish.name ?? ''} placeholder={known?.name} onChange={(_, name) => set({ name: name || null })} />
            </Field>
            <div className="qd-form-pair">
              <Modes wish={wish} set={set} problem={problem} />
            </div>
            <DiskChoices disks={disksOf(full.data)} pools={pools} wish={wish} plan={known} problem={problem} set={set} />
            <Further domain={full.data} wish={wish} problem={problem} set={set} />
            <Field id="clone-count" label={t('How many')} error={fieldError(problem, '/count')} help={wish.count > 1 ? t('{n} in the name stands for the number of each.') : undefined}>
              <CountInput name="clone-count" value={wish.count} max={50} onChange={(count) => set({ count })} />
            </Field>
            <FirstSettings settings={settings} set={take} errors={problem?.errors ?? []} />
            <Checkbox id="clone-start" label={t('Start it when it is ready')} isChecked={wish.start} onChange={(_, on) => set({ start: on })} />
            {known ? <Effects plan={{ ...known, effects: [] }} /> : null}
            {known ? (
              <ExpandableSection toggleText={t('What differs from the original')}>
                <Differences changes={known.changes} />
              </ExpandableSection>
            ) : null}
          </Form>
        ) : null}
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={plan.error ? problemOf(plan.error).detail : null} onClick={() => void start()} isLoading={busy} isDisabled={busy || !full.data}>
          {t('Clone')}
        </ReasonButton>
        <Button variant="secondary" onClick={() => setShowing(true)} isDisabled={!full.data}>
          {t('Show me')}
        </Button>
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showing ? (
        <ShowMe
          title={t('What would be done')}
          plan={known}
          problem={problem}
          api={{ method: 'POST', path: address(CLONE, { path: { host: domain.host, uuid: domain.uuid } }), body: wish }}
          onClose={() => setShowing(false)}
        />
      ) : null}
    </>
  );
}

interface Part {
  wish: CloneRequest;
  set: (change: Partial<CloneRequest>) => void;
  problem: Problem | null;
}

function Modes({ wish, set, problem }: Part) {
  const modes: [CloneRequest['mode'], string, string][] = [
    ['full', t('In full'), t('Its disks are copied: it needs nothing of the original')],
    ['linked', t('Linked'), t('Ready at once and small: its disks hold only what differs, and need those of the original')],
  ];
  return (
    <FormGroup role="radiogroup" label={t('How')} fieldId="clone-mode">
      {modes.map(([id, label, text]) => (
        <Radio key={id} id={`clone-mode-${id}`} name="clone-mode" label={label} description={text} isChecked={wish.mode === id} onChange={() => set({ mode: id })} />
      ))}
      <FieldNote error={fieldError(problem, '/mode')} />
    </FormGroup>
  );
}
