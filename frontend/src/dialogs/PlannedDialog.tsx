import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { outcomeOf, type Outcome } from '../api/actions';
import { address, call, exchange, type CallOptions, type Method } from '../api/client';
import { followJob, useJob } from '../api/jobs';
import type { Plan, Problem } from '../api/types';
import { useAttempt } from '../api/useAttempt';
import { ReasonButton } from '../components/DisabledReason';
import { JobProgress } from '../components/JobProgress';
import { ProblemAlert } from '../components/ProblemAlert';
import { ShowMe } from '../components/ShowMe';
import { useAbove } from '../components/useAbove';
import { t } from '../util/i18n';

/** A change of the API: it can be shown first, and then be done. */
export interface Change extends Pick<CallOptions, 'path' | 'query' | 'body' | 'ifMatch'> {
  method: Method;
  template: string;
}

interface Props {
  title: string;
  description?: string | undefined;
  /** The verb on the button, never "OK". */
  verb: string;
  danger?: boolean;
  variant?: 'small' | 'medium' | 'large';
  /** Why the button cannot be pressed yet. */
  blocked?: string | null;
  change: Change;
  onClose: () => void;
  onDone?: (outcome: Outcome) => void;
  /** JSON pointers that the fields show themselves. */
  shown?: readonly string[];
  children: (problem: Problem | null) => ReactNode;
}

/** Asks, shows what would happen, and does it; what takes long is followed here until it is done. */
export function PlannedDialog({ title, description, verb, danger, variant = 'medium', blocked, change, onClose, onDone, shown = [], children }: Props) {
  const cache = useQueryClient();
  const { attempt, busy, problem } = useAttempt();
  const [plan, setPlan] = useState<Plan | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const { method, template, ...options } = change;
  const show = () => attempt(async () => setPlan(await call<Plan>(method, template, { ...options, query: { ...options.query, dry_run: true } })));
  const run = () =>
    attempt(async () => {
      const answer = await exchange<unknown>(method, template, options);
      const outcome = outcomeOf(cache, answer.status, answer.data);
      if (outcome.job) {
        setJob(outcome.job.id);
        await followJob(cache, outcome.job.id).finally(() => setJob(null));
      }
      onDone?.(outcome);
      onClose();
    });
  const quiet = problem !== null && (problem.errors ?? []).length > 0 && (problem.errors ?? []).every((error) => shown.includes(error.pointer));
  return (
    <Modal isOpen variant={variant} onClose={onClose} aria-labelledby="planned-title" {...useAbove(onClose)}>
      <ModalHeader title={title} labelId="planned-title" description={description} titleIconVariant={danger ? 'warning' : undefined} />
      <ModalBody tabIndex={0} aria-label={title} onKeyDown={(event) => (endsForm(event) && !danger && !blocked && !busy ? void run() : undefined)}>
        {problem && !quiet ? <ProblemAlert problem={problem} shownFields={shown} /> : null}
        {children(problem)}
        <Running id={job} />
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={blocked} variant={danger ? 'danger' : 'primary'} onClick={() => void run()} isDisabled={busy} isLoading={busy}>
          {verb}
        </ReasonButton>
        <ReasonButton reason={blocked} variant="secondary" onClick={() => (busy ? undefined : void show())} isAriaDisabled={busy}>
          {t('Show me')}
        </ReasonButton>
        <Button variant="link" onClick={onClose}>
          {job ? t('Go on in the background') : t('Cancel')}
        </Button>
      </ModalFooter>
      {plan ? <ShowMe title={title} plan={plan} api={{ ...change, path: address(template, options) }} onClose={() => setPlan(null)} /> : null}
    </Modal>
  );
}

/** Whether somebody pressed Enter in a line of text. */
function endsForm({ key, target, defaultPrevented }: KeyboardEvent): boolean {
  return key === 'Enter' && !defaultPrevented && target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}

function Running({ id }: { id: string | null }) {
  const job = useJob(id);
  return job ? <JobProgress job={job} /> : null;
}
