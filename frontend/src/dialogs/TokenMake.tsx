import { Alert, Button, ClipboardCopy, Form, FormSelect, FormSelectOption, ModalBody, ModalFooter, ModalHeader, TextInput } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client';
import { TOKENS, tokens, type NewToken, type TokenCreate } from '../api/tokens';
import { useAttempt } from '../api/useAttempt';
import { ReasonButton } from '../components/DisabledReason';
import { Dialog } from '../components/Dialog';
import { ProblemAlert } from '../components/ProblemAlert';
import { Field } from '../pages/create/Field';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';
import { PlanButton } from './PlanButton';

type Role = NonNullable<TokenCreate['role']>;
const DAYS = [7, 30, 90, 180, 365];

/** A new token of one's own; its text is shown this once. */
export function TokenMake({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState(90);
  const { attempt, busy, problem } = useAttempt();
  const [made, setMade] = useState<NewToken | null>(null);
  const body = { name: name.trim(), role, days };
  const reason = body.name === '' ? t('Give it a name.') : null;
  const errors = problem?.errors ?? [];
  const make = () =>
    attempt(async () => {
      setMade(await call<NewToken>('POST', TOKENS, { body }));
      await cache.invalidateQueries(tokens());
    });
  return (
    <Dialog variant="medium" onClose={made ? undefined : onClose} aria-labelledby="make-token-title">
      <ModalHeader title={made ? t('The token {{name}} is made', { name: made.name }) : t('Make an API token')} labelId="make-token-title" />
      <ModalBody>
        {made ? (
          <TokenText token={made} />
        ) : (
          <Form id="make-token" onSubmit={(event) => (event.preventDefault(), reason === null && !busy && void make())}>
            {problem && errors.length === 0 ? <ProblemAlert problem={problem} /> : null}
            <Field id="token-name" label={t('Name')} pointers={['/name']} errors={errors} help={t('What it is for, such as the script or the server that has it.')} required>
              <TextInput id="token-name" value={name} autoComplete="off" autoFocus maxLength={80} onChange={(_, value) => setName(value)} />
            </Field>
            <div className="qd-form-pair">
              <Field id="token-role" label={t('May')} pointers={['/role']} errors={errors}>
                <FormSelect id="token-role" value={role} onChange={(_, value) => setRole(value as Role)}>
                  <FormSelectOption value="viewer" label={t('Look only')} />
                  <FormSelectOption value="administrator" label={t('Do everything that an administrator may')} />
                </FormSelect>
              </Field>
              <Field id="token-days" label={t('Good for')} pointers={['/days']} errors={errors}>
                <FormSelect id="token-days" value={days} onChange={(_, value) => setDays(Number(value))}>
                  {DAYS.map((some) => (
                    <FormSelectOption key={some} value={some} label={t('{{some}} days', { some })} />
                  ))}
                </FormSelect>
              </Field>
            </div>
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {made ? (
          <Button onClick={onClose}>{t('I have it')}</Button>
        ) : (
          <>
            <ReasonButton type="submit" form="make-token" reason={reason} isLoading={busy} isDisabled={busy}>
              {t('Make')}
            </ReasonButton>
            <PlanButton title={t('Make an API token')} method="POST" template={TOKENS} body={body} isDisabled={reason !== null} />
            <Button variant="link" onClick={onClose}>
              {t('Cancel')}
            </Button>
          </>
        )}
      </ModalFooter>
    </Dialog>
  );
}

function TokenText({ token }: { token: NewToken }) {
  return (
    <Form onSubmit={(event) => event.preventDefault()}>
      <Alert variant="warning" isInline title={t('Copy it now: it is not shown again.')}>
        {t('Who has it may do here what it allows, until {{time}} or until it is revoked.', { time: formatTime(token.expires) })}
      </Alert>
      <ClipboardCopy isReadOnly isCode hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Token')}>
        {token.token}
      </ClipboardCopy>
      <p>{t('Scripts send it with each request:')}</p>
      <ClipboardCopy isReadOnly isCode hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Example')}>
        {`curl -H "Authorization: Bearer $TOKEN" ${window.location.origin}/api/v1/hosts`}
      </ClipboardCopy>
    </Form>
  );
}
