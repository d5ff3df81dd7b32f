import { Alert, Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { address, ApiError, problemOf } from '../../api/client';
import type { Domain, Problem } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { PlanView } from '../../components/ShowMe';
import { t } from '../../util/i18n';
import { DOMAIN, planOf, useDomainChange, type DomainChange } from './change';

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
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const plan = useQuery({
    queryKey: ['plan', domain.host, domain.uuid, change, etag],
    queryFn: ({ signal }) => planOf(domain, change, etag, signal),
    gcTime: 0,
    staleTime: 0,
  });
  const error = failure ?? plan.error;
  const problem = error ? problemOf(error) : null;
  const changed = error instanceof ApiError && error.slug === 'changed-meanwhile';
  const run = async () => {
    setBusy(true);
    try {
      onDone((await apply(change, etag)).data);
    } catch (thrown) {
      setBusy(false);
      if (onProblem) onProblem(problemOf(thrown));
      else setFailure(thrown);
    }
  };
  const call = {
    method: change.method,
    path: address(DOMAIN + change.path, { path: { host: domain.host, uuid: domain.uuid }, query: { ...change.query, apply: change.apply } }),
    body: change.body,
    ifMatch: etag,
  };
  return (
    <Dialog variant="large" onClose={onClose} aria-labelledby="review-title">
      <ModalHeader title={title} labelId="review-title" description={t('Nothing has been changed yet.')} />
      <ModalBody>
        {children ? <div className="qd-review-head">{children}</div> : null}
        {problem && !changed ? <ProblemAlert problem={problem} /> : null}
        {changed ? (
          <Alert variant="warning" isInline title={t('Somebody changed the machine meanwhile')}>
            {t('Close this and look at it again: what you see here was made from an older version. Your input is kept.')}
          </Alert>
        ) : null}
        {plan.isPending ? <LoadingPage /> : null}
        {plan.data ? <PlanView plan={plan.data} api={call} /> : null}
      </ModalBody>
      <ModalFooter>
        <Button variant={danger ? 'danger' : 'primary'} onClick={() => void run()} isDisabled={!plan.data || busy} isLoading={busy}>
          {verb}
        </Button>
        {problem && onProblem && !failure ? (
          <Button variant="secondary" onClick={() => onProblem(problem)}>
            {t('Show me where')}
          </Button>
        ) : null}
        <Button variant="link" onClick={onClose}>
          {t('Cancel')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
