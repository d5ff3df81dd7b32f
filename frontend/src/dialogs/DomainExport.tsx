import './migrate/migrate.css';
import { Alert, Form, FormGroup, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ActDialogProps } from '.';
import { outcomeOf } from '../api/actions';
import { EXPORT, type ConvertResult, type ExportRequest } from '../api/appliances';
import { address, call, DOMAIN, exchange, problemOf } from '../api/client';
import { isOver, useJob, useJobs } from '../api/jobs';
import { queries } from '../api/queries';
import { storageQueries, usualPool, VOLUME } from '../api/storage';
import { fieldError } from '../api/problem';
import { useAttempt } from '../api/useAttempt';
import { CancelButton } from '../components/CancelButton';
import { ReasonButton } from '../components/DisabledReason';
import { FormSelect, TextInput } from '../components/inputs';
import { Field } from '../components/Field';
import { Dialog } from '../components/Dialog';
import { ProblemAlert } from '../components/ProblemAlert';
import { ShowMe } from '../components/ShowMe';
import { t } from '../util/i18n';
import { saveBlob } from '../util/saveBlob';
import { ExportDisks, exportable } from './ExportDisks';
import { LongJob } from './LongJob';
import { usePlanned, waitsFor } from './usePlanned';

type Format = NonNullable<ExportRequest['format']>;

/** What is no file of a pool, but read at once. */
const DEFINITION = 'xml';
const FORMATS: [Format | typeof DEFINITION, () => string][] = [
  ['ova', () => t('OVA, for VMware, VirtualBox and others')],
  ['qcow2', () => t('qcow2: its disks, for QEMU')],
  ['vmdk', () => t('VMDK: its disks, for VMware')],
  ['vhdx', () => t('VHDX: its disks, for Hyper-V')],
  ['vpc', () => t('VHD: its disks, for Azure and Virtual PC')],
  ['vdi', () => t('VDI: its disks, for VirtualBox')],
  ['raw', () => t('Raw: its disks as they are')],
  [DEFINITION, () => t('XML: its definition alone, for libvirt')],
];

/** Where a refusal has its field. */
const SHOWN = ['/name', '/skip', '/pool'];

/** Puts a machine into files that other products read; they lie in a pool, and are downloaded from there. */
export default function DomainExport({ domain, onClose }: ActDialogProps) {
  const running = useJobs().find((job) => (job.kind === 'export' || job.kind === 'convert') && job.target === domain.uuid && !isOver(job));
  const [id, setId] = useState<string | null>(null);
  const job = useJob(id ?? running?.id ?? null);
  if (!id && running) setId(running.id);
  const result = job?.result as ConvertResult | null | undefined;
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="export-title">
      {job ? (
        <LongJob
          job={job}
          titleId="export-title"
          titles={[t('{{name}} is being exported', { name: domain.name }), t('Export of {{name}}', { name: domain.name })]}
          onClose={onClose}
          onAgain={() => setId(null)}
        >
          <Alert variant="success" isInline title={t('It is ready')}>
            <ul>
              {(result?.volumes ?? []).map(({ pool, volume }) => (
                <li key={volume}>
                  <a href={address(`${VOLUME}/content`, { path: { host: domain.host, pool, volume } })} download={volume}>
                    {t('Download {{volume}}', { volume })}
                  </a>{' '}
                  <span className="qd-dim">{t('It also stays in the pool {{pool}} until you delete it.', { pool })}</span>
                </li>
              ))}
            </ul>
          </Alert>
        </LongJob>
      ) : (
        <ExportForm domain={domain} onClose={onClose} onStarted={setId} />
      )}
    </Dialog>
  );
}

function ExportForm({ domain, onClose, onStarted }: ActDialogProps & { onStarted: (job: string) => void }) {
  const cache = useQueryClient();
  const read = useQuery(storageQueries.pools(domain.host));
  const pools = (read.data ?? []).filter((pool) => pool.active);
  const [format, setFormat] = useState<Format | typeof DEFINITION>('ova');
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [skip, setSkip] = useState<string[]>([]);
  const { attempt, busy, problem } = useAttempt();
  const [showing, setShowing] = useState(false);
  const pool = chosen ?? usualPool(pools)?.name ?? '';
  const disks = exportable(useQuery(queries.domain(domain.host, domain.uuid)).data);
  const path = { host: domain.host, uuid: domain.uuid };
  const alone = format === DEFINITION;
  const body: ExportRequest | null = alone ? null : { format, pool, name: name || null, skip };
  const planned = usePlanned(pool && body ? { method: 'POST', template: EXPORT, path, body } : null);
  const told = problem ?? planned.problem;
  const reason = alone ? null : pool ? waitsFor(planned) : read.isPending ? t('Reading …') : t('No pool of this host runs that could take the files. Start one, or make one.');
  const save = () =>
    attempt(async () => {
      const { xml } = await call<{ xml: string }>('GET', `${DOMAIN}/xml`, { path });
      saveBlob(new Blob([xml], { type: 'application/xml' }), `${domain.name}.xml`);
      onClose();
    });
  const start = () =>
    attempt(async () => {
      const answer = await exchange<unknown>('POST', EXPORT, { path, body });
      const { job } = outcomeOf(cache, answer.status, answer.data);
      if (job) onStarted(job.id);
    });
  return (
    <>
      <ModalHeader title={t('Export {{name}}', { name: domain.name })} labelId="export-title" description={t('Into files that other products read. The machine stays as it is.')} />
      <ModalBody tabIndex={0} aria-label={t('Into what')}>
        <Form onSubmit={(event) => event.preventDefault()}>
          {read.error ? <ProblemAlert problem={problemOf(read.error)} /> : null}
          {told && !told.errors?.every(({ pointer }) => SHOWN.includes(pointer)) ? <ProblemAlert problem={told} shownFields={SHOWN} /> : null}
          <FormGroup label={t('Format')} fieldId="export-format">
            <FormSelect id="export-format" value={format} onChange={(_, value) => setFormat(value as typeof format)}>
              {FORMATS.map(([value, label]) => (
                <FormSelectOption key={value} value={value} label={label()} />
              ))}
            </FormSelect>
          </FormGroup>
          {alone ? (
            <p>{t('What the next start uses, saved by the browser; secrets are masked. Its disks are no part of it.')}</p>
          ) : (
            <>
              <Field id="export-pool" label={t('Pool')} error={fieldError(told, '/pool')}>
                <FormSelect id="export-pool" value={pool} onChange={(_, value) => setChosen(value)}>
                  {read.isPending ? <FormSelectOption value="" label={t('Reading …')} /> : null}
                  {pools.map((known) => (
                    <FormSelectOption key={known.uuid} value={known.name} label={known.name} />
                  ))}
                </FormSelect>
              </Field>
              <Field id="export-name" label={t('Name')} error={fieldError(told, '/name')}>
                <TextInput id="export-name" value={name} placeholder={domain.name} onChange={(_, value) => setName(value)} />
              </Field>
              <ExportDisks disks={disks} skip={skip} error={fieldError(told, '/skip')} onSkip={setSkip} />
            </>
          )}
          {(planned.plan?.warnings ?? []).map((warning) => (
            <Alert key={warning} variant="warning" isInline isPlain title={warning} />
          ))}
        </Form>
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={reason} onClick={() => void (alone ? save() : start())} isLoading={busy} isDisabled={busy}>
          {alone ? t('Download') : t('Export')}
        </ReasonButton>
        <ReasonButton variant="secondary" reason={alone ? t('It is only read: nothing is done.') : reason} onClick={() => setShowing(true)}>
          {t('Show me')}
        </ReasonButton>
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showing ? <ShowMe title={t('What would be done')} plan={planned.plan} problem={planned.problem} api={{ method: 'POST', path: address(EXPORT, { path }), body }} onClose={() => setShowing(false)} /> : null}
    </>
  );
}
