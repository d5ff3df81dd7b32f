import './clone.css';
import { Button, ExpandableSection, Form, FormGroup, ModalBody, ModalFooter, ModalHeader, Radio } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { outcomeOf } from '../../api/actions';
import { answered } from '../../api/answered';
import { address, exchange, problemOf } from '../../api/client';
import { planClone, type ClonePlan, type CloneRequest, type CloneSource } from '../../api/clone';
import { fieldError, isUnder } from '../../api/problem';
import { queries, useHosts } from '../../api/queries';
import { storageQueries } from '../../api/storage';
import type { DomainSummary, Problem } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { CountInput } from '../../components/CountInput';
import { ReasonButton } from '../../components/DisabledReason';
import { Field } from '../../components/Field';
import { Folded } from '../../components/Folded';
import { TextInput } from '../../components/inputs';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Effects, ShowMe } from '../../components/ShowMe';
import { ResourcesSection } from '../../pages/create/ResourcesSection';
import { t } from '../../util/i18n';
import { sizeFault } from '../../util/units';
import { useDebounced } from '../../util/useDebounced';
import { Differences } from './Differences';
import { DiskChoices } from './DiskChoices';
import { FieldNote } from './FieldNote';
import { FirstSettings } from './FirstSettings';
import { Further } from './Further';
import { WhenReady } from './WhenReady';
import { bodyOf, disksOf, firstWish, type CloneWish } from './wish';

/** Of what a clone is made, and what is said of it. */
export interface CloneOf {
  source: CloneSource;
  title: string;
  /** How it is called unless somebody says otherwise; without it the server makes a name. */
  proposed?: string;
  /** What a linked one is, and why there can be none. */
  linked: { help: string; reason?: string | null };
  /** Why what its TPM holds cannot be copied. */
  tpmReason?: string | null;
}

interface Props extends CloneOf {
  domain: DomainSummary;
  onClose: () => void;
  /** The clone is being made. */
  onStarted: (job: string) => void;
}

/** What each part of the form gets. */
export interface CloneParts {
  wish: CloneWish;
  problem: Problem | null;
  set: (change: Partial<CloneWish>) => void;
}

const QUIET_MS = 400;
const SHOWN = ['/name', '/count', '/mode', '/disks', '/memory_mib', '/vcpus', '/networks', '/macs', '/tpm_state', '/host_devices', '/cloud_init', '/start'];

/** Whether all that is wrong stands at its field. */
const isShown = ({ errors }: Problem) => !!errors?.length && errors.every(({ pointer }) => isUnder([pointer], SHOWN));

/** What the clone is to be; its plan is made anew as soon as the wish changes. */
export function CloneForm({ domain, source, title, proposed, linked, tpmReason = null, onClose, onStarted }: Props) {
  const cache = useQueryClient();
  const full = useQuery(queries.domain(domain.host, domain.uuid));
  const pools = useQuery(storageQueries.pools(domain.host)).data ?? [];
  const [wish, setWish] = useState(() => firstWish(proposed ?? null));
  const body = bodyOf(tpmReason ? { ...wish, tpm_state: 'new' } : wish);
  const lacks = sizeFault(wish.memory_mib ?? null) ?? null;
  const settled = useDebounced(JSON.stringify(body), QUIET_MS);
  const plan = useQuery({
    queryKey: ['clone-plan', source, settled],
    queryFn: ({ signal }) => answered(planClone(source, JSON.parse(settled) as CloneRequest, signal), signal),
    enabled: lacks === null,
    placeholderData: (before) => before,
    retry: false,
    gcTime: 0,
  });
  const { attempt, busy, problem: refused, setProblem: setRefused } = useAttempt();
  const [showing, setShowing] = useState(false);
  const unplanned = plan.data?.problem ?? null;
  const problem = refused ?? unplanned;
  const set = (change: Partial<CloneWish>) => {
    setRefused(null);
    setWish((now) => ({ ...now, ...change }));
  };
  const start = () =>
    attempt(async () => {
      const answer = await exchange<unknown>('POST', source.template, { path: source.path, body });
      const { job } = outcomeOf(cache, answer.status, answer.data);
      if (job) onStarted(job.id);
    });
  const known = plan.data?.found;
  // What is wrong with one field does not empty the others.
  const [last, setLast] = useState(known);
  if (known && known !== last) setLast(known);
  const parts: CloneParts = { wish, problem, set };
  const reason = lacks ?? unplanned?.detail ?? null;
  return (
    <>
      <ModalHeader title={title} labelId="clone-title" description={t('Another machine with a copy of its disks and settings.')} />
      <ModalBody tabIndex={0} aria-label={t('What the clone is to be')}>
        {full.isPending ? <LoadingPage /> : null}
        {full.error ? <ProblemAlert problem={problemOf(full.error)} /> : null}
        {full.data ? (
          <Form onSubmit={(event) => event.preventDefault()}>
            {problem && !isShown(problem) ? <ProblemAlert problem={problem} /> : null}
            <div className="qd-form-pair">
              <Field id="clone-name" label={t('Name')} error={fieldError(problem, '/name')} help={t('Left empty, it is made from the name of the original.')}>
                <TextInput id="clone-name" value={wish.name ?? ''} placeholder={known?.name} onChange={(_, name) => set({ name: name || null })} />
              </Field>
              <Field id="clone-count" label={t('How many')} error={fieldError(problem, '/count')} help={wish.count > 1 ? t('{n} in the name stands for the number of each.') : undefined}>
                <CountInput name="clone-count" value={wish.count} max={50} onChange={(count) => set({ count })} />
              </Field>
            </div>
            <Modes {...parts} linked={linked} />
            <DiskChoices {...parts} disks={disksOf(full.data)} pools={pools} plan={last} />
            <Size {...parts} domain={domain} plan={last} />
            <Further {...parts} domain={full.data} tpmReason={tpmReason} />
            <FirstSettings {...parts} />
            <WhenReady {...parts} />
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
        <ReasonButton reason={reason} onClick={() => void start()} isLoading={busy} isDisabled={busy || !full.data}>
          {t('Clone')}
        </ReasonButton>
        <Button variant="secondary" onClick={() => setShowing(true)} isDisabled={!full.data}>
          {t('Show me')}
        </Button>
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showing ? (
        <ShowMe title={t('What would be done')} plan={known} problem={problem} api={{ method: 'POST', path: address(source.template, { path: source.path }), body }} onClose={() => setShowing(false)} />
      ) : null}
    </>
  );
}

function Modes({ wish, set, problem, linked }: CloneParts & Pick<CloneOf, 'linked'>) {
  const modes: [CloneRequest['mode'], string, string][] = [
    ['full', t('In full'), t('Its disks are copied: it needs nothing of the original')],
    ['linked', t('Linked'), linked.reason ?? linked.help],
  ];
  return (
    <FormGroup role="radiogroup" label={t('How')} fieldId="clone-mode">
      <div className="qd-form-pair">
        {modes.map(([id, label, text]) => (
          <Radio
            key={id}
            id={`clone-mode-${id}`}
            name="clone-mode"
            label={label}
            description={text}
            isDisabled={id === 'linked' && !!linked.reason}
            isChecked={wish.mode === id}
            onChange={() => set({ mode: id })}
          />
        ))}
      </div>
      <FieldNote error={fieldError(problem, '/mode')} />
    </FormGroup>
  );
}

/** Memory and vCPUs: those of the original, unless somebody says otherwise. */
function Size({ wish, set, problem, domain, plan }: CloneParts & { domain: DomainSummary; plan: ClonePlan | undefined }) {
  const host = useHosts().find(({ id }) => id === domain.host);
  if (!host) return null;
  const { memory_mib, vcpus } = wish;
  const errors = problem?.errors ?? [];
  const resolved = { memory_mib: memory_mib === undefined ? (plan?.memory_mib ?? null) : memory_mib, vcpus: vcpus === undefined ? (plan?.vcpus ?? null) : vcpus, system: null };
  return (
    <Folded title={t('Memory and CPU')} wrong={isUnder(errors.map(({ pointer }) => pointer), ['/memory_mib', '/vcpus'])}>
      <ResourcesSection draft={{ memory_mib }} resolved={resolved} set={({ disk_mib: _fixed, ...change }) => set(change)} errors={errors} host={host} optional />
    </Folded>
  );
}
