import '../../pages/machine/machine.css';
import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { outcomeOf } from '../../api/actions';
import { problemOf } from '../../api/client';
import type { DomainSummary, Problem } from '../../api/types';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Effects, ShowMe } from '../../components/ShowMe';
import { toast } from '../../components/Toasts';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';
import { apiCall, send, usePlanned, type Deed } from './usePlanned';

interface Props {
  domain: DomainSummary;
  title: string;
  verb: string;
  danger?: boolean;
  /** Null while the input is not enough to ask what it would do. */
  deed: Deed | null;
  /** Fields of the form that show their own errors, as JSON pointers. */
  fields?: readonly string[];
  onClose: () => void;
  children?: (problem: Problem | null) => ReactNode;
}

/** A small form whose consequences are shown before its button is pressed; what comes of it is a job or done at once. */
export function DeedDialog({ domain, title, verb, danger, deed, fields = [], onClose, children }: Props) {
  const cache = useQueryClient();
  const { announce } = useActs();
  const planned = usePlanned(domain, deed);
  const [failure, setFailure] = useState<{ deed: string; error: unknown } | null>(null);
  const [busy, setBusy] = useState(false);
  const [showMe, setShowMe] = useState(false);
  const failed = failure && failure.deed === JSON.stringify(deed) ? problemOf(failure.error) : null;
  const problem = failed ?? planned.problem;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!deed || !planned.plan || busy) return;
    setBusy(true);
    try {
      const answer = await send(domain, deed);
      const { job } = outcomeOf(cache, answer.status, answer.data);
      if (job) announce(job, title);
      else toast.success(title);
      onClose();
    } catch (error) {
      setFailure({ deed: JSON.stringify(deed), error });
      setBusy(false);
    }
  };
  return (
    <Modal isOpen variant="medium" position="top" onClose={onClose} aria-labelledby="deed-title">
      <ModalHeader title={title} labelId="deed-title" description={domain.name} />
      <ModalBody tabIndex={0} aria-label={t('Settings')}>
        <Form id="deed-form" onSubmit={(event) => void submit(event)} noValidate>
          {children?.(problem)}
        </Form>
      </ModalBody>
      <ModalFooter className="qd-form-foot">
        <div className="qd-consequences" role="status" aria-busy={!planned.settled}>
          <Outlook problem={problem} fields={fields} planned={planned} />
        </div>
        <Button type="submit" form="deed-form" variant={danger ? 'danger' : 'primary'} isDisabled={!planned.plan || !planned.settled || busy} isLoading={busy}>
          {verb}
        </Button>
        <Button variant="secondary" isDisabled={!planned.plan || !planned.settled} onClick={() => setShowMe(true)}>
          {t('Show me')}
        </Button>
        <Button variant="link" onClick={onClose}>
          {t('Cancel')}
        </Button>
      </ModalFooter>
      {showMe && deed ? <ShowMe title={title} plan={planned.plan} problem={problem} api={apiCall(domain, deed)} onClose={() => setShowMe(false)} /> : null}
    </Modal>
  );
}

function Outlook({ problem, fields, planned }: { problem: Problem | null; fields: readonly string[]; planned: ReturnType<typeof usePlanned> }) {
  if (problem) {
    const onlyFields = problem.errors?.length && problem.errors.every((error) => fields.includes(error.pointer));
    return onlyFields ? <p className="qd-dim">{t('It cannot be done so.')}</p> : <ProblemAlert problem={problem} shownFields={[...fields]} />;
  }
  if (planned.plan) return <Effects plan={planned.plan} />;
  return <p className="qd-dim">{planned.settled ? '' : t('Asking what it would do …')}</p>;
}
