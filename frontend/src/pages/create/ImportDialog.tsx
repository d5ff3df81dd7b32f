import '../../dialogs/migrate/migrate.css';
import { Alert, Button, Form, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { outcomeOf } from '../../api/actions';
import { checkImport, IMPORTS, type ConvertResult, type ImportReport } from '../../api/appliances';
import { call, exchange, problemOf } from '../../api/client';
import { useJob } from '../../api/jobs';
import type { Network, Pool } from '../../api/storage';
import { systemQueries, type Medium } from '../../api/systems';
import type { Domain, FieldError } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { FormSelect, TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { LongJob } from '../../dialogs/LongJob';
import { usePlanned } from '../../dialogs/usePlanned';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { useDebounced } from '../../util/useDebounced';
import { takeOver, type Draft } from './draft';
import { PointedField } from './PointedField';
import { VolumeSelect } from './VolumeSelect';

interface Props {
  host: string;
  pools: Pool[];
  networks: Network[];
  onClose: () => void;
  /** Takes what was converted into the form. */
  onTake: (change: Partial<Draft>) => void;
}

const QUIET_MS = 400;

/** Takes over a machine or a disk of another product: looks at it, converts its disks, and makes the machine. */
export function ImportDialog({ host, pools, networks, onClose, onTake }: Props) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [file, setFile] = useState<Medium | undefined>(undefined);
  const [name, setName] = useState('');
  const [pool, setPool] = useState(() => (pools.find((known) => known.name === 'default') ?? pools.find((known) => known.active))?.name ?? '');
  const [network, setNetwork] = useState(() => (networks.find((known) => known.name === 'default') ?? networks[0])?.name ?? '');
  const [id, setId] = useState<string | null>(null);
  const { attempt, busy, problem } = useAttempt();
  const job = useJob(id);
  const from = useDebounced(file, QUIET_MS);
  const report = useQuery({
    queryKey: ['import-check', host, from],
    queryFn: ({ signal }) => checkImport(host, from ?? { path: '' }, signal),
    enabled: from !== undefined,
    retry: false,
    gcTime: 0,
  });
  const body = { ...file, to_pool: pool, network: network || null, name: name || null };
  const planned = usePlanned(file && report.data?.possible ? { method: 'POST', template: IMPORTS, path: { host }, body } : null);
  const told = problem ?? planned.problem;
  const convert = async () => {
    const answer = await exchange<unknown>('POST', IMPORTS, { path: { host }, body });
    setId(outcomeOf(cache, answer.status, answer.data).job?.id ?? null);
  };
  const make = async () => {
    const made = await call<Domain>('POST', '/hosts/{host}/domains', { path: { host }, body: (job?.result as ConvertResult).create });
    void navigate(paths.machine(host, made.uuid));
  };
  const take = async () => {
    const create = (job?.result as ConvertResult).create;
    if (!create) return;
    const systems = create.os ? await cache.fetchQuery(systemQueries.search(host, create.os, true)) : [];
    onTake(takeOver(create, systems.find((system) => system.short_id === create.os) ?? null));
  };
  const settled = from === file;
  const errors = told?.errors ?? [];
  const unread = report.error ? problemOf(report.error) : null;
  const blocked = !file ? t('Choose the file.') : !settled || report.isPending ? t('It is being looked at.') : !report.data?.possible ? t('It cannot be taken over as it is.') : planned.problem ? (planned.problem.errors?.[0]?.detail ?? planned.problem.detail) : planned.settled ? null : t('Asking what it would do …');
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="import-title">
      {job ? (
        <LongJob job={job} titleId="import-title" titles={[t('Its disks are being converted'), t('Its disks are converted')]} onClose={onClose} onAgain={() => setId(null)}>
          {problem ? <ProblemAlert problem={problem} /> : null}
          <Alert variant="success" isInline title={t('The disks are in the pool {{pool}}', { pool })}>
            {t('The machine can be made now as it was, or be looked at and changed in the form first. It is not started yet.')}
          </Alert>
          <div className="qd-summary-acts">
            <Button onClick={() => void attempt(take)} isDisabled={busy}>
              {t('Go on in the form')}
            </Button>
            <Button variant="secondary" onClick={() => void attempt(make)} isLoading={busy} isDisabled={busy}>
              {t('Make the machine')}
            </Button>
          </div>
        </LongJob>
      ) : (
        <>
          <ModalHeader title={t('From another product')} labelId="import-title" description={t('A machine or disk of VMware, VirtualBox, Hyper-V and others: a volume of a pool, where it can be uploaded, or a path of the host.')} />
          <ModalBody tabIndex={0} aria-label={t('What is taken over')}>
            <Form onSubmit={(event) => event.preventDefault()}>
              {told && !told.errors?.length ? <ProblemAlert problem={told} /> : null}
              <PointedField id="import-file" label={t('File')} pointers={['/path', '/pool', '/volume', '/format']} errors={[...(unread?.errors ?? []), ...errors]} isRequired>
                <VolumeSelect id="import-file" label={t('File')} pools={pools} offer={(volume) => !volume.is_iso && !volume.partial} value={file} onChange={setFile} />
              </PointedField>
              {file && (report.isPending || !settled) ? <LoadingPage /> : null}
              {unread && !unread.errors?.length ? <ProblemAlert problem={unread} /> : null}
              {report.data ? <Report report={report.data} /> : null}
              <div className="qd-form-pair">
                <PointedField id="import-name" label={t('Name')} pointers={['/name']} errors={errors}>
                  <TextInput id="import-name" value={name} placeholder={report.data?.machine.name} onChange={(_, value) => setName(value)} />
                </PointedField>
                <Choice id="import-pool" pointer="/to_pool" errors={errors} label={t('Pool for its disks')} value={pool} names={pools.filter((known) => known.active).map((known) => known.name)} onChange={setPool} />
                <Choice id="import-network" pointer="/network" errors={errors} label={t('Network of its cards')} value={network} names={networks.map((known) => known.name)} onChange={setNetwork} />
              </div>
            </Form>
          </ModalBody>
          <ModalFooter>
            <ReasonButton reason={blocked} onClick={() => void attempt(convert)} isLoading={busy} isDisabled={busy}>
              {t('Convert')}
            </ReasonButton>
            <CancelButton onClick={onClose} />
          </ModalFooter>
        </>
      )}
    </Dialog>
  );
}

interface ChoiceProps {
  id: string;
  label: string;
  pointer: string;
  errors: FieldError[];
  value: string;
  names: string[];
  onChange: (name: string) => void;
}

function Choice({ id, label, pointer, errors, value, names, onChange }: ChoiceProps) {
  return (
    <PointedField id={id} label={label} pointers={[pointer]} errors={errors}>
      <FormSelect id={id} value={value} onChange={(_, name) => onChange(name)}>
        {names.map((name) => (
          <FormSelectOption key={name} value={name} label={name} />
        ))}
      </FormSelect>
    </PointedField>
  );
}

/** What the file is, what was understood of it, and what could not be. */
function Report({ report }: { report: ImportReport }) {
  const { machine } = report;
  const words = [machine.memory_mib ? t('{{size}} MiB of memory', { size: machine.memory_mib }) : '', machine.memory_mib ? t('{{count}} vCPUs', { count: machine.vcpus }) : '', machine.nics.length > 0 ? t('{{count}} network cards', { count: machine.nics.length }) : ''];
  return (
    <Alert variant={report.possible ? 'info' : 'danger'} isInline title={t('{{name}}: {{what}}', { name: machine.name, what: report.what })}>
      <p>{words.filter(Boolean).join(', ')}</p>
      <ul>
        {report.disks.map((disk) => (
          <li key={disk.file}>
            {t('Disk {{file}} ({{format}}, {{size}})', { file: disk.file, format: disk.format, size: formatBytes(disk.size_bytes) })} {disk.problem ? <strong>{disk.problem}</strong> : null}
          </li>
        ))}
        {machine.notes.map((note) => (
          <li key={note.text}>{note.text}</li>
        ))}
      </ul>
    </Alert>
  );
}
