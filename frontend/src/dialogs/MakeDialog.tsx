import { Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { call } from '../api/client';
import type { FieldError } from '../api/types';
import { useAttempt } from '../api/useAttempt';
import { CancelButton } from '../components/CancelButton';
import { Dialog } from '../components/Dialog';
import { ReasonButton } from '../components/DisabledReason';
import { ProblemAlert } from '../components/ProblemAlert';
import { t } from '../util/i18n';
import { PlanButton } from './PlanButton';

interface Props<T> {
  title: string;
  template: string;
  body: unknown;
  /** Why it cannot be made yet. */
  reason: string | null;
  /** The list that it then stands in. */
  list: QueryKey;
  onClose: () => void;
  onMade?: ((made: T) => void) | undefined;
  /** The fields, with what the server found wrong. */
  fields: (errors: FieldError[]) => ReactNode;
  /** What was made, shown this once; it closes only by its own buttons. */
  made: (made: T) => { title: string; text: ReactNode; acts: ReactNode };
}

/** Makes something whose secret is shown once. */
export function MakeDialog<T>({ title, template, body, reason, list, onClose, onMade, fields, made }: Props<T>) {
  const cache = useQueryClient();
  const { attempt, busy, problem } = useAttempt();
  const [answer, setAnswer] = useState<T | null>(null);
  const shown = answer ? made(answer) : null;
  const errors = problem?.errors ?? [];
  const make = () =>
    attempt(async () => {
      const answered = await call<T>('POST', template, { body });
      setAnswer(answered);
      onMade?.(answered);
      await cache.invalidateQueries({ queryKey: list });
    });
  return (
    <Dialog variant="medium" onClose={shown ? undefined : onClose} aria-labelledby="make-title">
      <ModalHeader title={shown?.title ?? title} labelId="make-title" />
      <ModalBody>
        {shown ? (
          <Form onSubmit={(event) => event.preventDefault()}>{shown.text}</Form>
        ) : (
          <Form id="make-form" noValidate onSubmit={(event) => (event.preventDefault(), reason === null && !busy && void make())}>
            {problem && errors.length === 0 ? <ProblemAlert problem={problem} /> : null}
            {fields(errors)}
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {shown?.acts ?? (
          <>
            <ReasonButton reason={reason} type="submit" form="make-form" isLoading={busy} isDisabled={busy}>
              {t('Make')}
            </ReasonButton>
            <PlanButton title={title} method="POST" template={template} body={body} isDisabled={reason !== null} />
            <CancelButton onClick={onClose} />
          </>
        )}
      </ModalFooter>
    </Dialog>
  );
}
