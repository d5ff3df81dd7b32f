import { Alert, Button, Form, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type FormEvent } from 'react';
import { call } from '../api/client';
import { fieldError } from '../api/problem';
import type { Host, HostPatch } from '../api/types';
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
  transport: NonNullable<HostPatch['transport']>;
  address: string;
  port: string;
  user: string;
}

const POINTERS = ['/name', '/transport', '/address', '/port', '/user'];

interface Props {
  /** The one whose address is edited; without it another is added. */
  host?: Host;
  onClose: () => void;
}

/** Connects to another host, or to a known one in another way. What does not work yet (rights, certificates) shows on its card, with its cure. */
export default function HostAdd({ host, onClose }: Props) {
  const [trusting, setTrusting] = useState(false);
  const [fields, setFields] = useState<Fields>(() => startOf(host));
  const [named, setNamed] = useState(false);
  const { attempt, busy, problem } = useAttempt();
  // As it was when it was opened: news of a change by somebody else must not pass for what was looked at.
  const [seen] = useState(host?.etag);
  const name = host || named ? fields.name : nameOf(fields.address);
  const way = wayOf(fields);
  const set = (field: keyof Fields) => (_: unknown, value: string) => setFields({ ...fields, [field]: value });
  const send = (dryRun: boolean) => {
    const query = dryRun ? { dry_run: true } : {};
    return host ? call<Host>('PATCH', '/hosts/{host}', { path: { host: host.id }, query, ifMatch: seen, body: way }) : call<Host>('POST', '/hosts', { query, body: { name: name.trim(), ...way } });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (fields.transport !== 'ssh') return save();
    await attempt(async () => {
      await send(true);
      setTrusting(true);
    });
  };
  const save = () => {
    setTrusting(false);
    return attempt(async () => {
      const saved = await send(false);
      toast.success(host ? t('How {{name}} is reached is saved', { name: saved.name }) : t('Host {{name}} is added', { name: saved.name }));
      onClose();
    });
  };
  if (trusting) return <HostTrust address={way.address} port={way.port} user={way.user ?? 'root'} saves={host ? 'changed' : 'added'} onTrusted={() => void save()} onBack={() => setTrusting(false)} onClose={onClose} />;
  const text = (field: 'address' | 'port' | 'user', required: boolean) => (
    <TextInput
      id={`host-${field}`}
      value={fields[field]}
      onChange={set(field)}
      isRequired={required}
      autoFocus={field === 'address'}
      inputMode={field === 'port' ? 'numeric' : undefined}
    />
  );
  const rename = (_: unknown, value: string) => {
    setNamed(true);
    setFields({ ...fields, name: value });
  };
  const unshown = problem && (problem.errors ?? []).every((error) => POINTERS.includes(error.pointer)) && (problem.errors ?? []).length > 0;
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="host-add-title">
      <ModalHeader
        title={host ? t('How {{name}} is reached', { name: host.name }) : t('Add host')}
        labelId="host-add-title"
        description={host ? t('Its machines, jobs and history stay. It is connected anew.') : t('Its machines then stand in the same list, and can be moved between the hosts.')}
      />
      <ModalBody>
        <Form id="host-add" noValidate onSubmit={(event) => void submit(event)}>
          {problem && !unshown ? <ProblemAlert problem={problem} shownFields={POINTERS} /> : null}
          <Field id="host-address" label={t('Host name or IP address')} isRequired error={fieldError(problem, '/address')}>
            {text('address', true)}
          </Field>
          <Field id="host-transport" label={t('Transport')} help={fields.transport === 'tls' ? t('Both sides need certificates of one authority; this server has its own in the folder of the setting host_certificate_dir, or in /etc/pki.') : undefined} error={fieldError(problem, '/transport')}>
            <FormSelect id="host-transport" value={fields.transport} onChange={set('transport')}>
              <FormSelectOption value="ssh" label={t('SSH, with a key')} />
              <FormSelectOption value="tls" label={t('TLS, with certificates')} />
              <FormSelectOption value="tcp" label={t('TCP, not encrypted (only where the settings allow it)')} />
            </FormSelect>
          </Field>
          {fields.transport === 'ssh' ? (
            <Field id="host-user" label={t('User')} help={t('An account there that may use libvirt: root if nothing is said, or a member of the group libvirt.')} error={fieldError(problem, '/user')}>
              {text('user', false)}
            </Field>
          ) : null}
          <Field id="host-port" label={t('Port')} help={t('Empty for the usual one.')} error={fieldError(problem, '/port')}>
            {text('port', false)}
          </Field>
          {host ? null : (
            <Field id="host-name" label={t('Name')} isRequired help={t('How it is called here, such as hv2. It stays, also when the host gets another address.')} error={fieldError(problem, '/name')}>
              <TextInput id="host-name" value={name} onChange={rename} isRequired />
            </Field>
          )}
          {fields.transport === 'tcp' ? <Alert variant="warning" isInline isPlain title={t('Everybody on the network in between can read and change what is sent. For test beds only.')} /> : null}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="host-add" isLoading={busy} isDisabled={busy}>
          {fields.transport === 'ssh' ? t('Next: its key') : host ? t('Save') : t('Add host')}
        </Button>
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}

function startOf(host: Host | undefined): Fields {
  const transport = host && host.transport !== 'local' ? host.transport : 'ssh';
  return { name: host?.name ?? '', transport, address: host?.address ?? '', port: host?.port?.toString() ?? '', user: host?.user ?? '' };
}

/** The name that is proposed for a host at this address: what stands before the domain. */
function nameOf(address: string): string {
  const text = address.trim();
  return /^[\d.]*$/.test(text) ? text : /^[\w.-]+$/.test(text) ? (text.split('.')[0] ?? '') : '';
}

function wayOf({ transport, address, port, user }: Fields) {
  return {
    transport,
    address: address.trim(),
    port: port.trim() === '' ? null : (wholeOr(port) as number),
    user: transport === 'ssh' ? user.trim() || 'root' : null,
  };
}
