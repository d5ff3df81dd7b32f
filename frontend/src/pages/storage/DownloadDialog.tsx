import './storage.css';
import { Button, Form, FormGroup, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { outcomeOf } from '../../api/actions';
import { address, call, exchange, problemOf } from '../../api/client';
import { useJob } from '../../api/jobs';
import { POOL, storageKeys, type VolumeDownload } from '../../api/storage';
import { systemQueries } from '../../api/systems';
import type { Host, Plan } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { FormSelect, TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { ProblemAlert } from '../../components/ProblemAlert';
import { ShowMe } from '../../components/ShowMe';
import { Unread } from '../../components/Unread';
import { t } from '../../util/i18n';
import { PointedField } from '../create/PointedField';
import { checksumOf, nameOf } from './download';
import { DownloadRow } from './DownloadRow';
import { PoolChoice, usePoolChoice } from './PoolChoice';

interface Props {
  host: string;
  /** The pool to begin with. */
  pool?: string;
  /** Where it may go instead. */
  hosts?: Host[];
  onClose: () => void;
  /** Whether to offer the makers' images for clouds. */
  images?: boolean;
  /** The volume is complete. */
  onDone?: (pool: string, volume: string) => void;
}

const POINTERS = ['/url', '/name', '/checksum'];

/** A file of another server into a volume of the host. It goes on when the dialog, or the page, is closed. */
export function DownloadDialog({ host, pool: first, hosts, images = true, onClose, onDone }: Props) {
  const cache = useQueryClient();
  const choice = usePoolChoice(host, first, hosts);
  const { pool } = choice;
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [checksum, setChecksum] = useState('');
  const { attempt, busy, problem, setProblem } = useAttempt();
  const [plan, setPlan] = useState<Plan | null>(null);
  const [id, setId] = useState<string | null>(null);
  const job = useJob(id);
  const done = useEffectEvent(() => {
    const [at = '', ...rest] = job?.target.split('/') ?? [];
    void cache.invalidateQueries({ queryKey: storageKeys.pools(job?.host ?? host) });
    onDone?.(at, rest.join('/'));
  });
  const isDone = job?.state === 'done';
  useEffect(() => {
    if (isDone) done();
  }, [isDone]);
  const errors = problem?.errors ?? [];
  const body: VolumeDownload = { url: url.trim(), name: name || null, checksum: checksumOf(checksum), format: null };
  const path = { host: pool?.host ?? host, pool: pool?.name ?? '' };
  const change = (set: (value: string) => void) => (_: unknown, value: string) => (setProblem(null), set(value));
  const start = () =>
    attempt(async () => {
      const answer = await exchange<unknown>('POST', `${POOL}/volumes`, { path, body });
      setId(outcomeOf(cache, answer.status, answer.data).job?.id ?? null);
    });
  const show = () => attempt(async () => setPlan(await call<Plan>('POST', `${POOL}/volumes`, { path, body, query: { dry_run: true } })));
  const reason = !pool ? t('No pool of this host runs. Start one first.') : body.url === '' ? t('Give an address.') : null;

  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="download-title">
      <ModalHeader title={t('Download from a URL')} labelId="download-title" description={t('The server fetches the file by itself; this page need not stay open.')} />
      <ModalBody>
        {job ? (
          <DownloadRow job={job} />
        ) : (
          <Form onSubmit={(event) => (event.preventDefault(), reason === null && !busy && void start())} id="download-form" noValidate>
            {problem && errors.every((error) => !POINTERS.includes(error.pointer)) ? <ProblemAlert problem={problem} /> : null}
            {images ? <ImagePicker host={host} url={url} onPick={(picked) => (setProblem(null), setUrl(picked))} /> : null}
            <PointedField id="download-url" label={t('Address')} pointers={['/url']} errors={errors} isRequired help={t('Of an HTTP, HTTPS or FTP server. What is packed by xz, gzip or bzip2 is unpacked on the way.')}>
              <TextInput id="download-url" type="url" value={url} onChange={change(setUrl)} placeholder="https://…/debian-12-generic-amd64.qcow2" autoFocus />
            </PointedField>
            <div className="qd-form-pair">
              <PointedField id="download-pool" label={t('Pool')} pointers={[]} errors={errors}>
                <PoolChoice id="download-pool" choice={choice} />
              </PointedField>
              <PointedField id="download-name" label={t('Name of the volume')} pointers={['/name']} errors={errors}>
                <TextInput id="download-name" value={name} onChange={change(setName)} placeholder={nameOf(url)} />
              </PointedField>
            </div>
            <PointedField
              id="download-checksum"
              label={t('Checksum')}
              pointers={['/checksum']}
              errors={errors}
              help={t('SHA-256 or SHA-512, as the publisher gives it. What does not match is deleted.')}
            >
              <TextInput id="download-checksum" value={checksum} onChange={change(setChecksum)} spellCheck={false} className="qd-path" />
            </PointedField>
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {job ? (
          <>
            <Button onClick={onClose}>{job.ended ? t('Close') : t('Go on in the background')}</Button>
            {job.problem ? (
              <Button variant="link" onClick={() => (setProblem(job.problem ?? null), setId(null))}>
                {t('Change and try again')}
              </Button>
            ) : null}
          </>
        ) : (
          <>
            <ReasonButton reason={reason} type="submit" form="download-form" isLoading={busy} isDisabled={busy}>
              {t('Download')}
            </ReasonButton>
            <ReasonButton reason={reason} variant="secondary" isAriaDisabled={busy} onClick={() => (busy ? undefined : void show())}>
              {t('Show me')}
            </ReasonButton>
            <CancelButton onClick={onClose} />
          </>
        )}
      </ModalFooter>
      {plan ? <ShowMe title={t('What would be done')} plan={plan} api={{ method: 'POST', path: address(`${POOL}/volumes`, { path }), body }} onClose={() => setPlan(null)} /> : null}
    </Dialog>
  );
}

interface ImagePickerProps {
  host: string;
  url: string;
  onPick: (url: string) => void;
}

/** The images for clouds that the OS database knows, by the name of their system. */
function ImagePicker({ host, url, onPick }: ImagePickerProps) {
  const { data: systems = [], error, refetch } = useQuery(systemQueries.withImage(host));
  const picked = systems.find((system) => system.cloud_image === url);
  if (error) return <Unread problem={problemOf(error)} retry={refetch} />;
  if (systems.length === 0) return null;
  return (
    <FormGroup label={t('Cloud image of')} fieldId="download-image">
      <FormSelect id="download-image" value={picked?.id ?? ''} onChange={(_, id) => onPick(systems.find((system) => system.id === id)?.cloud_image ?? '')}>
        <FormSelectOption value="" label={t('Another one, by its address')} />
        {systems.map((system) => (
          <FormSelectOption key={system.id} value={system.id} label={system.name} />
        ))}
      </FormSelect>
    </FormGroup>
  );
}
