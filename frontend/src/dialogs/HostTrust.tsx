import { Alert, Button, ClipboardCopy, Form, FormGroup, FormSelectOption, ModalBody, ModalFooter, ModalHeader, Radio } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { call, problemOf } from '../api/client';
import { fieldError } from '../api/problem';
import type { HostKeys, HostTrusted, Problem } from '../api/types';
import { useAttempt } from '../api/useAttempt';
import { CancelButton } from '../components/CancelButton';
import { ReasonButton } from '../components/DisabledReason';
import { FormSelect, TextInput } from '../components/inputs';
import { Field } from '../components/Field';
import { Dialog } from '../components/Dialog';
import { LoadingPage } from '../components/Pages';
import { ProblemAlert } from '../components/ProblemAlert';
import { t } from '../util/i18n';
import { PlanButton } from './PlanButton';

interface Props {
  address: string;
  port: number | null;
  user: string;
  /** This server is let in there. */
  onTrusted: () => void;
  /** What becomes of the host then; without it, it stands already as it is. */
  saves?: 'added' | 'changed';
  /** Back to its form, where it came from there. */
  onBack?: () => void;
  onClose: () => void;
}

/** Both directions of trust: the host's key is looked at and pinned, and this server's key gets into the account there. */
export function HostTrust({ address, port, user, saves, onTrusted, onBack, onClose }: Props) {
  const keys = useQuery({
    queryKey: ['host-keys', address, port],
    queryFn: ({ signal }) => call<HostKeys>('POST', '/hosts/keys', { body: { address, port }, signal }),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  const [way, setWay] = useState<'password' | 'command' | 'already'>(onBack ? 'password' : 'already');
  const [password, setPassword] = useState('');
  const { attempt, busy, problem, setProblem } = useAttempt();
  const key = keys.data?.keys[0];
  const own = keys.data?.own_keys ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const mine = own.find(({ fingerprint }) => fingerprint === chosen) ?? own[0];
  const asked = { address, port, user, fingerprint: key?.fingerprint, key: mine?.fingerprint };
  const verb = key?.state === 'changed' ? t('Trust the new key') : t('Trust');
  const trust = async (event: FormEvent) => {
    event.preventDefault();
    if (reason) return;
    await attempt(async () => {
      const body = { ...asked, password: way === 'password' ? password : null };
      const trusted = await call<HostTrusted>('POST', '/hosts/trust', { body });
      if (trusted.works) onTrusted();
      else {
        setProblem(trusted.problem as Problem | null);
        void keys.refetch(); // it is pinned now
      }
    });
    setPassword('');
  };
  const wrong = fieldError(problem, '/password');
  const choose = (next: typeof way) => () => {
    setProblem(null);
    setWay(next);
  };
  const reason = !key ? t('Its key is not known yet.') : way === 'password' && password === '' ? t('Type the password first.') : null;
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="host-trust-title">
      <ModalHeader title={t('Trust {{address}}', { address })} labelId="host-trust-title" description={t('Once: it proves who it is, and lets this server in.')} />
      <ModalBody tabIndex={0} aria-label={t('Keys')}>
        {keys.isPending ? <LoadingPage /> : null}
        {keys.error ? <ProblemAlert problem={problemOf(keys.error)} shownFields={['/address']} /> : null}
        {keys.data && key ? (
          <Form id="host-trust" noValidate onSubmit={(event) => void trust(event)}>
            {problem && !wrong ? <ProblemAlert problem={problem} shownFields={['/key']} /> : null}
            <Alert variant={key.state === 'changed' ? 'danger' : key.state === 'pinned' ? 'success' : 'info'} isInline title={titleOf(key.state)}>
              <p className="qd-fingerprint">
                {key.trusted_fingerprint ? t('Now:') : null} <code>{key.fingerprint}</code> ({key.type.replace('ssh-', '').toUpperCase()})
              </p>
              {key.trusted_fingerprint ? (
                <>
                  <p className="qd-fingerprint">
                    {t('Trusted until now:')} <code>{key.trusted_fingerprint}</code>
                  </p>
                  <p>{t('A host that was installed anew has a new key, and so has another host that got this address. If neither is so, do not trust it: what you send would go to somebody else.')}</p>
                </>
              ) : null}
              <p>{t('On that host this shows the same, if nobody stands in between:')} <code>{`ssh-keygen -lf /etc/ssh/ssh_host_${fileOf(key.type)}_key.pub`}</code></p>
            </Alert>
            <FormGroup role="radiogroup" label={t('How this server gets in as {{user}}', { user })} fieldId="host-way">
              <Radio id="host-way-password" name="way" label={t('Use a password once')} description={t('It puts the key of this server there, and is kept nowhere.')} isChecked={way === 'password'} onChange={choose('password')} />
              <Radio id="host-way-command" name="way" label={t('Paste a command there')} description={t('It adds the key of this server; no password leaves your hands.')} isChecked={way === 'command'} onChange={choose('command')} />
              <Radio id="host-way-already" name="way" label={t('It is let in already')} description={t('A key of this server is there: only that of the host is to be trusted.')} isChecked={way === 'already'} onChange={choose('already')} />
            </FormGroup>
            {own.length > 1 && way !== 'already' ? (
              <Field id="host-own-key" label={t('Key of this server')} help={t('What is let in there. All of them are tried when it connects.')} error={fieldError(problem, '/key')}>
                <FormSelect id="host-own-key" value={mine?.fingerprint} onChange={(_, value) => setChosen(value)}>
                  {own.map((one) => (
                    <FormSelectOption key={one.fingerprint} value={one.fingerprint} label={ownWords(one)} />
                  ))}
                </FormSelect>
              </Field>
            ) : null}
            {way === 'password' ? (
              <Field id="host-password" label={t('Password of {{user}}', { user })} isRequired error={wrong}>
                <TextInput id="host-password" type="password" autoComplete="off" value={password} onChange={(_, text) => setPassword(text)} />
              </Field>
            ) : null}
            {way === 'command' ? (
              <FormGroup label={t('As {{user}} on that host', { user })}>
                <ClipboardCopy isReadOnly isCode hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Command')}>
                  {mine?.command ?? ''}
                </ClipboardCopy>
              </FormGroup>
            ) : null}
          </Form>
        ) : null}
      </ModalBody>
      <ModalFooter>
        <ReasonButton type="submit" form="host-trust" isLoading={busy} isDisabled={busy} reason={reason} variant={key?.state === 'changed' ? 'danger' : 'primary'}>
          {saves === 'added' ? t('{{verb}} and add host', { verb }) : saves ? t('{{verb}} and save', { verb }) : verb}
        </ReasonButton>
        <PlanButton title={t('Trust {{address}}', { address })} method="POST" template="/hosts/trust" body={asked} isDisabled={!key} />
        {saves && (keys.error || problem) ? (
          <Button variant="secondary" onClick={onTrusted}>
            {saves === 'changed' ? t('Save it all the same') : t('Add it all the same')}
          </Button>
        ) : null}
        {onBack ? (
          <Button variant="secondary" onClick={onBack}>
            {t('Back')}
          </Button>
        ) : null}
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}

function ownWords({ made, type, line }: HostKeys['own_keys'][number]): string {
  const kind = type.replace('ssh-', '').toUpperCase();
  return made ? t('The one that it made for itself ({{kind}})', { kind }) : t('Of its account: {{name}} ({{kind}})', { name: line.split(' ').slice(2).join(' ') || type, kind });
}

/** How sshd names the file of a key of this type. */
function fileOf(type: string): string {
  return type.startsWith('ecdsa') ? 'ecdsa' : type.replace('ssh-', '');
}

function titleOf(state: HostKeys['keys'][number]['state']): string {
  return {
    unknown: t('Is this the key of that host?'),
    pinned: t('Its key is the one that is trusted already'),
    changed: t('Its key is NOT the one that was trusted: it was set up anew, or somebody stands in between'),
  }[state];
}
