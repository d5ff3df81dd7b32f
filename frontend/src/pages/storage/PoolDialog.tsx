import { Button, Checkbox, FormGroup, FormHelperText, FormSelectOption, HelperText, HelperTextItem } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, problemOf } from '../../api/client';
import { errorWithin, fieldError } from '../../api/problem';
import { POOL, POOLS, storageKeys, storageQueries, type Pool, type PoolSource, type PoolType } from '../../api/storage';
import type { Host, Problem } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { FormSelect, TextInput } from '../../components/inputs';
import { ReasonButton } from '../../components/DisabledReason';
import { Field } from '../../components/Field';
import { Folded } from '../../components/Folded';
import { DescribedField, type FieldValue } from '../../components/DescribedField';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { useVersioned } from '../../dialogs/useVersioned';
import { t } from '../../util/i18n';
import { met } from '../machine/hardware/forms/values';

interface Props {
  host: string;
  /** The pool that is edited; without it a new one is made. */
  pool?: Pool;
  /** Where a new pool can be made too. */
  hosts?: Host[];
  onClose: () => void;
}

type Values = Record<string, FieldValue>;

/** Makes a pool of any type that the host's libvirt offers, on one host or several; or edits one. */
export function PoolDialog({ host: first, pool, hosts = [], onClose }: Props) {
  const cache = useQueryClient();
  const [chosen, setChosen] = useState([first]);
  const [kind, setKind] = useState(pool?.type ?? 'dir');
  const { value: values, set: setValues, etag, meanwhile } = useVersioned(pool, startValues);
  const types = useQuery(storageQueries.poolTypes(chosen[0] ?? first));
  const type = types.data?.find((known) => known.type === kind);
  const filled = type && !pool ? { ...proposal(type, values), ...values } : values;
  const body = type ? toBody(type, filled) : { type: kind };
  const missing = type?.fields.filter((field) => field.required && !filled[field.name]).map((field) => (field.name === 'name' ? t('Name') : field.title)) ?? [];
  const blocked = !type ? t('Asking what the host offers …') : (type.reason ?? (missing.length > 0 ? t('Fill in: {{fields}}', { fields: missing.join(', ') }) : chosen.length === 0 ? t('Choose a host.') : null));
  const shared = chosen.length > 1;
  const at = shared ? '/pool' : '';
  const shown = [...(type?.fields ?? []).map((field) => `${at}/${field.name}`)];
  return (
    <PlannedDialog
      title={pool ? t('Edit pool {{name}}', { name: pool.name }) : t('New pool')}
      description={pool?.active ? t('A running pool takes what you change when it is stopped and started again.') : type?.about}
      verb={pool ? t('Save') : t('Create')}
      blocked={blocked}
      change={changeOf(pool, etag, chosen, body)}
      shown={shown}
      meanwhile={pool && meanwhile ? { name: pool.name, ...meanwhile } : null}
      onDone={() => chosen.forEach((host) => void cache.invalidateQueries({ queryKey: storageKeys.pools(host) }))}
      onClose={onClose}
    >
      {(problem) =>
        types.error ? (
          <ProblemAlert problem={problemOf(types.error)} />
        ) : !types.data || !type ? (
          <LoadingPage />
        ) : (
          <>
            {pool ? null : <KindField types={types.data} kind={kind} onKind={setKind} />}
            <Fields type={type} values={filled} isNew={!pool} error={(name) => errorWithin(problem, `${at}/${name}`)} onValues={(next) => setValues({ ...values, ...next })} host={chosen[0] ?? first} />
            {pool || hosts.length < 2 ? null : <HostsField hosts={hosts} chosen={chosen} problem={problem} onChosen={setChosen} />}
          </>
        )
      }
    </PlannedDialog>
  );
}

function startValues(pool: Pool | undefined): Values {
  return pool ? { ...(pool.settings as Values), autostart: pool.autostart } : { autostart: true, start: true };
}

/** A folder of its own for a pool that needs one, until somebody gives another. */
function proposal(type: PoolType, { name }: Values): Values {
  const needsFolder = type.fields.some((field) => field.name === 'path' && field.required);
  return needsFolder && typeof name === 'string' && name !== '' ? { path: `/var/lib/libvirt/pools/${name}` } : {};
}

/** What a pool of this source could be called. */
function nameFrom({ settings }: PoolSource): string | undefined {
  const { source_path, source_name, source_device, adapter_name } = settings;
  const place = [source_path, source_name, source_device, adapter_name].find((each) => typeof each === 'string');
  return (place as string | undefined)?.split(/[/:]/).filter(Boolean).pop();
}

/** The fields that make sense beside what is given. */
function asked(type: PoolType, values: Values): PoolType['fields'] {
  const all = { ...Object.fromEntries(type.fields.map((field) => [field.name, field.default])), ...values };
  return type.fields.filter((field) => met(field, all));
}

function toBody(type: PoolType, values: Values): Record<string, unknown> {
  const given = asked(type, values).map((field) => [field.name, values[field.name] ?? field.default]).filter(([, value]) => value !== null && value !== undefined);
  return { type: type.type, ...Object.fromEntries(given) };
}

function changeOf(pool: Pool | undefined, ifMatch: string | undefined, hosts: string[], body: Record<string, unknown>): Change {
  if (pool) return { method: 'PUT', template: POOL, path: { host: pool.host, pool: pool.name }, body, ifMatch };
  if (hosts.length > 1) return { method: 'POST', template: '/pools', body: { hosts, pool: body } };
  return { method: 'POST', template: POOLS, path: { host: hosts[0] ?? '' }, body };
}

function KindField({ types, kind, onKind }: { types: PoolType[]; kind: string; onKind: (kind: string) => void }) {
  const absent = types.filter((type) => !type.available).map((type) => type.title);
  return (
    <FormGroup label={t('Type')} fieldId="pool-type">
      <FormSelect id="pool-type" value={kind} aria-describedby="pool-type-help" onChange={(_, next) => onKind(next)}>
        {types.map((type) => (
          <FormSelectOption key={type.type} value={type.type} isDisabled={!type.available} label={type.available ? type.title : t('{{title}}: not on this host', { title: type.title })} />
        ))}
      </FormSelect>
      {absent.length > 0 ? (
        <FormHelperText>
          <HelperText id="pool-type-help">
            <HelperTextItem>{t('This host’s libvirt has no driver for: {{types}}. On Debian each is a package libvirt-daemon-driver-storage-….', { types: absent.join(', ') })}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}

interface FieldsProps {
  type: PoolType;
  host: string;
  values: Values;
  isNew: boolean;
  error: (name: string) => string | undefined;
  onValues: (values: Values) => void;
}

const FINE = ['mode', 'owner', 'group', 'source_protocol_ver', 'source_port', 'username', 'password', 'secret'];

function Fields({ type, host, values, isNew, error, onValues }: FieldsProps) {
  const [name, ...fields] = asked(type, values).filter((field) => isNew || !['start', 'build_device', 'overwrite'].includes(field.name));
  const one = (field: PoolType['fields'][number]) => (
    <DescribedField key={field.name} field={field} value={values[field.name] ?? field.default} error={error(field.name)} onChange={(value) => onValues({ [field.name]: value })} />
  );
  const fine = fields.filter((field) => FINE.includes(field.name));
  const plain = fields.filter((field) => !FINE.includes(field.name) && field.kind !== 'switch');
  const switches = fields.filter((field) => field.kind === 'switch');
  return (
    <>
      <Field id="pool-name" label={t('Name')} isRequired error={error('name')}>
        <TextInput id="pool-name" autoFocus={isNew} value={String(values['name'] ?? '')} isDisabled={!isNew} onChange={(_, value) => onValues({ [name?.name ?? 'name']: value })} />
      </Field>
      <div className="qd-form-pair">{plain.map(one)}</div>
      {type.discovers && isNew ? <Sources type={type} host={host} server={String(values['source_host'] ?? '')} named={!!values['name']} onValues={onValues} /> : null}
      {fine.length > 0 ? (
        <Folded title={t('More settings')} wrong={fine.some((field) => error(field.name))}>
          <div className="qd-form-pair">{fine.map(one)}</div>
        </Folded>
      ) : null}
      <div className="qd-checks">{switches.map(one)}</div>
    </>
  );
}

/** What the server exports, or the host has: one press fills the fields. */
function Sources({ type, host, server, named, onValues }: { type: PoolType; host: string; server: string; named: boolean; onValues: (values: Values) => void }) {
  const [found, setFound] = useState<PoolSource[] | null>(null);
  const { attempt, busy, problem } = useAttempt();
  const needsServer = type.fields.some((field) => field.name === 'source_host');
  const look = () =>
    attempt(async () => {
      setFound(await call<PoolSource[]>('GET', '/hosts/{host}/pool-sources', { path: { host }, query: { type: type.type, source_host: server || undefined } }));
    });
  return (
    <div className="qd-sources">
      <ReasonButton variant="secondary" size="sm" isLoading={busy} isDisabled={busy} reason={needsServer && !server ? t('Name the server first.') : null} onClick={() => void look()}>
        {t('Look what there is')}
      </ReasonButton>
      {problem ? <ProblemAlert problem={{ ...problem, errors: [] }} /> : null}
      {found?.length === 0 ? <p className="qd-dim">{t('Nothing was found.')}</p> : null}
      {found?.map((source) => (
        <Button key={source.title} variant="link" isInline onClick={() => onValues({ ...(named ? {} : { name: nameFrom(source) }), ...(source.settings as Values) })}>
          {source.title}
        </Button>
      ))}
    </div>
  );
}

function HostsField({ hosts, chosen, problem, onChosen }: { hosts: Host[]; chosen: string[]; problem: Problem | null; onChosen: (hosts: string[]) => void }) {
  return (
    <FormGroup role="group" label={t('On these hosts')} fieldId="pool-hosts">
      {hosts.map((host, number) => (
        <Checkbox
          key={host.id}
          id={`pool-host-${host.id}`}
          label={host.name}
          description={fieldError(problem, `/hosts/${number}`)}
          isChecked={chosen.includes(host.id)}
          onChange={(_, on) => onChosen(hosts.map((known) => known.id).filter((id) => (id === host.id ? on : chosen.includes(id))))}
        />
      ))}
      <FormHelperText>
        <HelperText>
          <HelperTextItem>{t('The same pool on several hosts is made on all of them, or on none. Machines on a shared one move without copying disks.')}</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}
