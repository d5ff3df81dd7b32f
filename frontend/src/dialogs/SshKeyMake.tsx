import { Alert, Button, ClipboardCopy, ClipboardCopyVariant, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client';
import { SSH_KEYS, sshKeys, type MadeSshKey } from '../api/sshKeys';
import { useAttempt } from '../api/useAttempt';
import { TextInput } from '../components/inputs';
import { Dialog } from '../components/Dialog';
import { ReasonButton } from '../components/DisabledReason';
import { ProblemAlert } from '../components/ProblemAlert';
import { Field } from '../pages/create/Field';
import { t } from '../util/i18n';
import { saveBlob } from '../util/saveBlob';
import { PlanButton } from './PlanButton';

const MADE = `${SSH_KEYS}/made`;

/** A pair made by the server, which keeps the public part only. */
export function SshKeyMake({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const { attempt, busy, problem } = useAttempt();
  const [made, setMade] = useState<MadeSshKey | null>(null);
  const [saved, setSaved] = useState(false);
  const reason = name.trim() === '' ? t('Give it a name.') : null;
  const make = () =>
    attempt(async () => {
      setMade(await call<MadeSshKey>('POST', MADE, { body: { name } }));
      await cache.invalidateQueries(sshKeys());
    });
  const save = (key: MadeSshKey) => {
    saveBlob(new Blob([key.private_key], { type: 'application/octet-stream' }), `id_ed25519_${key.name.replace(/[^\w.-]+/g, '-')}`);
    setSaved(true);
  };
  return (
    <Dialog variant="medium" onClose={made ? undefined : onClose} aria-labelledby="make-key-title">
      <ModalHeader title={made ? t('The key {{name}} is made', { name: made.name }) : t('Make an SSH key')} labelId="make-key-title" />
      <ModalBody>
        {made ? (
          <Form onSubmit={(event) => event.preventDefault()}>
            <Alert variant="warning" isInline title={t('Download the private key now: it is kept nowhere and not shown again.')} />
            <p>
              {t('Public part, to be given to machines:')} <span className="qd-path">{made.fingerprint}</span>
            </p>
            <ClipboardCopy isReadOnly isCode variant={ClipboardCopyVariant.expansion} hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Public key')}>
              {made.key}
            </ClipboardCopy>
          </Form>
        ) : (
          <Form id="make-key" onSubmit={(event) => (event.preventDefault(), reason === null && !busy && void make())}>
            {problem && !problem.errors?.length ? <ProblemAlert problem={problem} /> : null}
            <Field id="make-key-name" label={t('Name')} pointers={['/name']} errors={problem?.errors ?? []} help={t('The server makes a pair (Ed25519), keeps its public part, and hands you the private one.')} required>
              <TextInput id="make-key-name" value={name} autoComplete="off" autoFocus onChange={(_, value) => setName(value)} />
            </Field>
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {made ? (
          <>
            <Button onClick={() => save(made)}>{t('Download the private key')}</Button>
            <ReasonButton reason={saved ? null : t('Download the private key first.')} variant="secondary" onClick={onClose}>
              {t('Close')}
            </ReasonButton>
          </>
        ) : (
          <>
            <ReasonButton reason={reason} type="submit" form="make-key" isLoading={busy} isDisabled={busy}>
              {t('Make')}
            </ReasonButton>
            <PlanButton title={t('Make an SSH key')} method="POST" template={MADE} body={{ name }} isDisabled={reason !== null} />
            <Button variant="link" onClick={onClose}>
              {t('Cancel')}
            </Button>
          </>
        )}
      </ModalFooter>
    </Dialog>
  );
}
