import { Alert, Button, Form, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type FormEvent } from 'react';
import { call } from '../api/client';
import { fieldError } from '../api/problem';
import type { Host, HostAdd as Request } from '../api/types';
import { useAttempt } from '../api/useAttempt';
import { CancelButton } from '../components/CancelButton';
import { FormSelect, TextInput } from '../components/inputs';
import { Field } from '../components/Field';
import { Dialog } from '../components/Dialog';
import { ProblemAlert } from '../components/ProblemAlert';
import { toast } from '../components/Toasts';
import { t } from '../util/i18n';
import { wholeOr } from '../util/units';
import { HostTrust } from './HostTrust';

interface Fields {
  name: string;
  transport: Request['transport'];
  address: string;
  port: string;
  user: string;
}

const POINTERS = ['/name', '/transport', '/address', '/port', '/user'];

/** Connects to another host. What does not work yet (key, trust, rights) shows on the host's card afterwards, with its cure. */
export default function HostAdd({ onClose }: { onClose: () => void }) {
  const [trusting, setTrusting] = useState(false);
  const [fields, setFields] = useState<Fields>({ name: '', transport: 'ssh', address: '', port: '', user: '' });
  const { attempt, busy, problem } = useAttempt();
  const set = (name: keyof Fields) => (_: unknown, value: string) => setFields({ ...fields, [name]: value });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (fields.transport !== 'ssh') return add();
    await attempt(async () => {
      await call('POST', '/hosts', { query: { dry_run: true }, body: toRequest(fields) });
      setTrusting(true);
    });
  };
  const add = () => {
    setTrusting(false);
    return attempt(async () => {
      const host = await call<Host>('POST', '/hosts', { body: toRequest(fields) });
      toast.success(t('Host {{name}} is added', { name: host.name }));
      onClose();
    });
  };
  if (trusting) return <HostTrust address={fields.address.trim()} port={toRequest(fields).port} user={fields.user.trim() || 'root'} onTrusted={() => void add()} onBack={() => setTrusting(false)} onClose={onClose} />;
  const text = (name: 'name' | 'address' | 'port' | 'user', required: boolean) => (
    <TextInput
      id={`host-${name}`}
      value={fields[name]}
      onChange={set(name)}
      isRequired={required}
      autoFocus={name === 'name'}
      inputMode={name === 'port' ? 'numeric' : undefined}
    />
  );
  const unshown = problem && (problem.errors ?? []).every((error) => POINTERS.includes(error.pointer)) && (problem.errors ?? []).length > 0;
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="host-add-title">
      <ModalHeader title={t('Add host')} labelId="host-add-title" description={t('Its machines then stand in the same list, and can be moved between the hosts.')} />
      <ModalBody>
        <Form id="host-add" noValidate onSubmit={(event) => void submit(event)}>
          {problem && !unshown ? <ProblemAlert problem={problem} shownFields={POINTERS} /> : null}
          <Field id="host-name" label={t('Name')} isRequired help={t('How it is called here, such as hv2.')} error={fieldError(problem, '/name')}>
            {text('name', true)}
          </Field>
          <Field id="host-transport" label={t('Transport')} error={fieldError(problem, '/transport')}>
            <FormSelect id="host-transport" value={fields.transport} onChange={set('transport')}>
              <FormSelectOption value="ssh" label={t('SSH, with a key')} />
              <FormSelectOption value="tls" label={t('TLS, with certificates')} />
              <FormSelectOption value="tcp" label={t('TCP, not encrypted (only where the settings allow it)')} />
            </FormSelect>
          </Field>
          <Field id="host-address" label={t('Host name or IP address')} isRequired error={fieldError(problem, '/address')}>
            {text('address', true)}
          </Field>
          {fields.transport === 'ssh' ? (
            <Field id="host-user" label={t('User')} help={t('An account there that may use libvirt: root if nothing is said, or a member of the group libvirt.')} error={fieldError(problem, '/user')}>
              {text('user', false)}
            </Field>
          ) : null}
          <Field id="host-port" label={t('Port')} help={t('Empty for the usual one.')} error={fieldError(problem, '/port')}>
            {text('port', false)}
          </Field>
          {fields.transport === 'tcp' ? <Alert variant="warning" isInline isPlain title={t('Everybody on the network in between can read and change what is sent. For test beds only.')} /> : null}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="host-add" isLoading={busy} isDisabled={busy}>
          {fields.transport === 'ssh' ? t('Next: its key') : t('Add host')}
        </Button>
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}

function toRequest({ name, transport, address, port, user }: Fields): Request {
  return {
    name: name.trim(),
    transport,
    address: address.trim(),
    port: port.trim() === '' ? null : (wholeOr(port) as number),
    user: transport === 'ssh' ? user.trim() || 'root' : null,
  };
}
