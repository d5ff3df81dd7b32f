import { Button, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { outcomeOf, type Outcome } from '../api/actions';
import { address, exchange, problemOf } from '../api/client';
import { followJob, useJob } from '../api/jobs';
import { isChangedMeanwhile } from '../api/problem';
import type { Problem } from '../api/types';
import { Dialog } from '../components/Dialog';
import { ReasonButton } from '../components/DisabledReason';
import { JobProgress } from '../components/JobProgress';
import { MeanwhileAlert, type Meanwhile } from '../components/MeanwhileAlert';
import { ProblemAlert } from '../components/ProblemAlert';
import { Effects, ShowMe } from '../components/ShowMe';
import { toast } from '../components/Toasts';
import { isDomain } from '../pages/machine/change';
import { undoOfEntry } from '../pages/machine/undo';
import { useActs } from '../shell/acts';
import { t } from '../util/i18n';
import { usePlanned, waitsFor, type Change, type Planned } from './usePlanned';

export type { Change } from './usePlanned';

interface Props {
  title: string;
  description?: string | undefined;
  /** The verb on the button, never "OK". */
  verb: string;
  danger?: boolean;
  variant?: 'small' | 'medium' | 'large';
  /** Why there is nothing to ask the server yet. */
  blocked?: string | null | undefined;
  /** What must still be typed or ticked before it may be done; what it would do is told all the same. */
  unconfirmed?: string | null;
  change: Change;
  onClose: () => void;
  onDone?: (outcome: Outcome) => void;
  /** What is told when it is done; else only that it can be undone. */
  done?: string;
  /** JSON pointers that the fields show themselves, with all that lies below them. */
  shown?: readonly string[];
  /** Where somebody else saved what is edited. */
  meanwhile?: (Meanwhile & { name: string }) | null;
  children: (problem: Problem | null) => ReactNode;
}

/** A form that shows what its change would do as one types, and does it; what takes long is followed here until it is done. */
export function PlannedDialog({ title, description, verb, danger, variant = 'medium', blocked, unconfirmed, change, onClose, onDone, done, shown = [], meanwhile, children }: Props) {
  const cache = useQueryClient();
  const { announce } = useActs();
  const [failure, setFailure] = useState<{ of: string; error: unknown } | null>(null);
  const [showing, setShowing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const job = useJob(id);
  const planned = usePlanned(blocked || busy ? null : change);
  const { method, template, ...options } = change;
  const text = JSON.stringify(change);
  const problem = failure?.of === text ? problemOf(failure.error) : planned.problem;
  const asked = busy ? null : meanwhile;
  const reason = blocked ?? (asked ? t('Say above what is to become of your input.') : busy ? null : waitsFor(planned));
  const wait = reason ?? (busy ? null : unconfirmed);
  const stale = isChangedMeanwhile(problem);
  // Of some objects libvirt tells no news.
  useEffect(() => {
    if (stale) void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'planned' });
  }, [stale, cache]);
  const run = async () => {
    setBusy(true);
    try {
      const answer = await exchange<unknown>(method, template, options);
      const outcome = outcomeOf(cache, answer.status, answer.data);
      if (outcome.job) {
        setId(outcome.job.id);
        await followJob(cache, outcome.job.id);
      }
      const undo = isDomain(answer.data) ? null : answer.undo; // of a machine it is told where the dialog was opened
      if (done || undo) toast.success(done ?? t('{{title}}: done', { title: title.replace(/\?$/, '') }), undefined, undoOfEntry(cache, undo));
      onDone?.(outcome);
      onClose();
    } catch (error) {
      setFailure({ of: text, error });
      setId(null);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What is lost by it is not lost by a slip of the Enter key.
    if (!wait && !busy && !danger) void run();
  };
  const leave = () => {
    if (job) announce(job, title);
    onClose();
  };
  return (
    <Dialog variant={variant} position="top" onClose={leave} aria-labelledby="planned-title">
      <ModalHeader title={title} labelId="planned-title" description={description} titleIconVariant={danger ? 'warning' : undefined} />
      <ModalBody tabIndex={0} aria-label={title}>
        <Form id="planned-form" onSubmit={submit} noValidate>
          {children(problem)}
        </Form>
      </ModalBody>
      <ModalFooter>
        <div className="qd-consequences" role="status" aria-busy={!planned.settled}>
          {job ? <JobProgress job={job} /> : asked ? <MeanwhileAlert {...asked} /> : <Outlook problem={problem} shown={shown} planned={planned} blocked={blocked} />}
        </div>
        <ReasonButton {...(danger ? { onClick: () => void run() } : { type: 'submit' as const, form: 'planned-form' })} reason={wait} variant={danger ? 'danger' : 'primary'} isDisabled={busy} isLoading={busy}>
          {verb}
        </ReasonButton>
        <ReasonButton reason={reason} variant="secondary" onClick={() => setShowing(true)} isDisabled={busy}>
          {t('Show me')}
        </ReasonButton>
        <Button variant="link" onClick={leave}>
          {job ? t('Go on in the background') : t('Cancel')}
        </Button>
      </ModalFooter>
      {showing ? <ShowMe title={title} plan={planned.plan} problem={planned.problem} api={{ ...change, path: address(template, options) }} onClose={() => setShowing(false)} /> : null}
    </Dialog>
  );
}

function Outlook({ problem, shown, planned, blocked }: { problem: Problem | null; shown: readonly string[]; planned: Planned; blocked: string | null | undefined }) {
  if (problem) {
    const own = (problem.errors ?? []).filter(({ pointer }) => shown.some((one) => pointer === one || pointer.startsWith(`${one}/`)));
    if (own.length > 0 && own.length === problem.errors?.length) return <p className="qd-dim">{t('It cannot be done so: see what is marked above.')}</p>;
    return <ProblemAlert problem={problem} shownFields={own.map(({ pointer }) => pointer)} />;
  }
  // Where nothing waits, it goes without saying that all of it is done now.
  const waits = planned.plan?.effects.some((effect) => effect.when === 'next_start');
  if (planned.plan && !blocked) return <Effects plan={waits ? planned.plan : { ...planned.plan, effects: [] }} />;
  return <p className="qd-dim">{blocked ?? (planned.settled ? '' : t('Asking what it would do …'))}</p>;
}
