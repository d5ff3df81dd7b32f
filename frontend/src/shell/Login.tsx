import { ActionGroup, Alert, Button, Form, FormGroup, TextInput } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import { ApiError, problemOf } from '../api/client';
import { login } from '../api/session';
import type { Problem } from '../api/types';
import { t } from '../util/i18n';

/** The whole page of somebody who is not logged in. */
export function LoginScreen() {
  useEffect(() => {
    document.title = `${t('Log in')} · Quarterdeck`;
  }, []);
  return (
    <main className="qd-login">
      <div className="qd-login-card">
        <img src="/favicon.svg" alt="" width="48" height="48" />
        <h1>Quarterdeck</h1>
        <p className="qd-login-host">{t('Virtual machines of {{host}}', { host: location.hostname })}</p>
        <LoginForm />
      </div>
    </main>
  );
}

export function LoginForm({ user = '', onDone }: { user?: string; onDone?: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(user);
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await login(client, name, password);
      onDone?.();
    } catch (error) {
      setProblem(problemOf(error));
      setPassword('');
      setBusy(false);
      if (error instanceof ApiError) document.getElementById('login-password')?.focus();
    }
  };
  return (
    <Form onSubmit={(event) => void submit(event)} aria-label={t('Log in')}>
      <FormGroup label={t('User name')} fieldId="login-user" isRequired>
        <TextInput
          id="login-user"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          isRequired
          value={name}
          onChange={(_, value) => setName(value)}
          autoFocus={!user}
        />
      </FormGroup>
      <FormGroup label={t('Password')} fieldId="login-password" isRequired>
        <TextInput
          id="login-password"
          name="password"
          type="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={(_, value) => setPassword(value)}
          autoFocus={!!user}
        />
      </FormGroup>
      <ActionGroup>
        <Button type="submit" isBlock isLoading={busy} isDisabled={busy}>
          {t('Log in')}
        </Button>
      </ActionGroup>
      {problem ? <LoginProblem problem={problem} /> : null}
      <p className="qd-login-hint">{t('Use your system account of this host.')}</p>
    </Form>
  );
}

function LoginProblem({ problem }: { problem: Problem }) {
  const wait = Number(problem['retry_after_seconds'] ?? problem['retry_after']);
  return (
    <Alert variant="danger" isInline isLiveRegion title={problem.title}>
      <p>{problem.detail}</p>
      {problem.cure ? <p>{problem.cure}</p> : null}
      {Number.isFinite(wait) && wait > 0 ? <p>{t('Try again in {{seconds}} s.', { seconds: Math.ceil(wait) })}</p> : null}
    </Alert>
  );
}
