import { Alert, Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { address, problemOf } from '../../api/client';
import { isChangedMeanwhile } from '../../api/problem';
import type { Domain, Problem } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { usePlan } from '../../api/usePlan';
import { CancelButton } from '../../components/CancelButton';
import { Dialog } from '../../components/Dialog';
import { PlanOutcome } from '../../components/PlanOutcome';
import { t } from '../../util/i18n';
import { callOf, planOf, useDomainChange, type DomainChange } from './change';

interface Props {
  title: string;
  verb: string;
  danger?: boolean;
  domain: Domain;
  change: DomainChange;
  /** The version that the change was made from. */
  etag: string;
  /** Gets the server's answer. */
  onDone: (answer: unknown) => void;
  onClose: () => void;
  /** A refusal that the caller shows at its place; the dialog closes for it. */
  onProblem?: (problem: Problem) => void;
  children?: ReactNode;
}

/** Plan first: what a change would do, and the button that does it. */
export function ReviewDialog({ title, verb, danger, domain, change, etag, onDone, onClose, onProblem, children }: Props) {
  const apply = useDomainChange(domain);
  const planned = usePlan(['plan', domain.host, domain.uuid, change, etag], (signal) => planOf(domain, change, etag, signal));
  const { attempt, busy, problem: refused } = useAttempt();
  const problem = refused ?? planned.problem;
  const changed = isChangedMeanwhile(problem);
  const run = () =>
    attempt(async () => {
      try {
        onDone((await apply(change, etag)).data);
      } catch (error) {
        if (!onProblem) throw error;
        onProblem(problemOf(error));
      }
    });
  const { template, ...call } = callOf(domain, change, etag);
  return (
    <Dialog variant="large" onClose={onClose} aria-labelledby="review-title">
      <ModalHeader title={title} labelId="review-title" description={t('Nothing has been changed yet.')} />
      <ModalBody>
        {children ? <div className="qd-review-head">{children}</div> : null}
        {changed ? (
          <Alert variant="warning" isInline title={t('Somebody changed the machine meanwhile')}>
            {t('Close this and look at it again: what you see here was made from an older version. Your input is kept.')}
          </Alert>
        ) : null}
        <PlanOutcome {...planned} problem={changed ? null : problem} api={{ ...call, path: address(template, call) }} />
      </ModalBody>
      <ModalFooter>
        <Button variant={danger ? 'danger' : 'primary'} onClick={() => void run()} isDisabled={!planned.plan || busy} isLoading={busy}>
          {verb}
        </Button>
        {problem && onProblem ? (
          <Button variant="secondary" onClick={() => onProblem(problem)}>
            {t('Show me where')}
          </Button>
        ) : null}
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
