import './storage.css';
import { Alert, Button, Checkbox, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { fieldError } from '../../api/problem';
import { storageKeys, storageQueries, VOLUME, type Pool, type Volume } from '../../api/storage';
import type { Host } from '../../api/types';
import { uploads, useUploads } from '../../api/uploads';
import { CancelButton } from '../../components/CancelButton';
import { ReasonButton } from '../../components/DisabledReason';
import { Field } from '../../components/Field';
import { TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { FileDrop } from '../../components/FileDrop';
import { ProblemAlert } from '../../components/ProblemAlert';
import { usePlanned, waitsFor } from '../../dialogs/usePlanned';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { checksumOf } from './download';
import { PoolChoice, usePoolChoice } from './PoolChoice';
import { UploadRow } from './UploadRow';

interface Props {
  host: string;
  /** The pool to begin with. */
  pool?: string;
  /** Where it may go instead. */
  hosts?: Host[];
  onClose: () => void;
  /** The volume is complete. */
  onDone?: (pool: string, volume: string) => void;
}

/** A file of this computer into a volume of the host. It goes on when the dialog is closed. */
export function UploadDialog({ host, pool: first, hosts, onClose, onDone }: Props) {
  const cache = useQueryClient();
  const choice = usePoolChoice(host, first, hosts);
  const { pool } = choice;
  const volumes = useQuery({ ...storageQueries.volumes(pool?.host ?? host, pool?.name ?? ''), enabled: pool !== undefined }).data ?? [];
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [replace, setReplace] = useState(false);
  const [goesOn, setGoesOn] = useState(true);
  const [checksum, setChecksum] = useState('');
  const [id, setId] = useState<number | null>(null);
  const upload = useUploads().find((known) => known.id === id);
  const taken = volumes.find((volume) => volume.name === name);
  const came = taken?.partial ?? taken?.replacement;
  const begun = file && came?.size_bytes === file.size ? came : null;
  const sum = checksumOf(checksum);
  const misread = sum === null || /^sha256:[0-9a-f]{64}$/i.test(sum) ? undefined : t('SHA-256 has 64 hexadecimal digits.');
  const isRest = begun !== null && goesOn;
  const refused = isRest ? undefined : nameFault(name, taken, replace);
  const planned = usePlanned(file && pool && name !== '' && !isRest && !refused ? { method: 'PUT', template: `${VOLUME}/content`, path: { host: pool.host, pool: pool.name, volume: name }, query: { size: file.size } } : null);
  const { problem } = planned;
  const wrong = refused ?? fieldError(problem, '/name');
  const unfit = fieldError(problem, '/size');
  const reason = lacking(pool, file, name) ?? wrong ?? unfit ?? misread ?? waitsFor(planned);

  const done = useEffectEvent(() => {
    if (!upload) return;
    void cache.invalidateQueries({ queryKey: storageKeys.pools(upload.host) });
    onDone?.(upload.pool, upload.volume);
  });
  const isDone = upload?.state === 'done';
  useEffect(() => {
    if (isDone) done();
  }, [isDone]);
  const begin = (to: Pool, what: File) => {
    const place = { host: to.host, pool: to.name, volume: name };
    const wanted = sum?.replace('sha256:', '') ?? null;
    setId(isRest ? uploads.goOn(place, what, wanted) : uploads.start(place, what, wanted));
  };
  const over = upload && (upload.state === 'failed' || upload.state === 'cancelled');

  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="upload-title">
      <ModalHeader title={t('Upload a file')} labelId="upload-title" description={t('An installation medium or a disk image, into a volume of a pool.')} />
      <ModalBody>
        {upload && !over ? (
          <UploadRow upload={upload} />
        ) : (
          <Form onSubmit={(event) => event.preventDefault()}>
            {upload?.problem ? <UploadRow upload={upload} /> : null}
            {problem && !problem.errors?.length ? <ProblemAlert problem={problem} /> : null}
            <Field id="upload-file" label={t('File')} isRequired error={unfit}>
              <FileDrop id="upload-file" file={file} onFile={(next) => (setFile(next), setName(next.name.replaceAll('/', '-')))} />
            </Field>
            <div className="qd-form-pair">
              <Field id="upload-pool" label={t('Pool')}>
                <PoolChoice id="upload-pool" choice={choice} />
              </Field>
              <Field id="upload-name" label={t('Name of the volume')} isRequired error={wrong}>
                <TextInput id="upload-name" value={name} onChange={(_, value) => setName(value)} />
              </Field>
            </div>
            {begun ? (
              <Checkbox
                id="upload-rest"
                label={t('Go on where it was cut: {{received}} of {{size}} are there', { received: formatBytes(begun.received_bytes), size: formatBytes(begun.size_bytes) })}
                description={t('Only with the very same file; of another one, parts of both would lie in the volume.')}
                isChecked={goesOn}
                onChange={(_, on) => setGoesOn(on)}
              />
            ) : null}
            {taken && !isRest && taken.used_by.length === 0 ? (
              <Checkbox id="upload-replace" label={t('Replace the volume of this name ({{size}})', { size: formatBytes(taken.capacity_bytes) })} isChecked={replace} onChange={(_, on) => setReplace(on)} />
            ) : null}
            {(planned.plan?.warnings ?? []).map((warning) => (
              <Alert key={warning} variant="warning" isInline isPlain title={warning} />
            ))}
            <Field id="upload-checksum" label={t('Checksum')} error={misread} help={t('SHA-256, as the publisher gives it. If it does not fit, what was sent is thrown away.')}>
              <TextInput id="upload-checksum" value={checksum} onChange={(_, value) => setChecksum(value)} spellCheck={false} className="qd-path" />
            </Field>
            {pool ? null : <Alert variant="warning" isInline title={t('No pool of this host runs. Start one first.')} />}
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {upload && !over ? (
          <Button onClick={onClose}>{upload.state === 'running' ? t('Go on in the background') : t('Close')}</Button>
        ) : (
          <>
            <ReasonButton reason={reason} onClick={() => file && pool && begin(pool, file)}>
              {isRest ? t('Go on') : t('Upload')}
            </ReasonButton>
            <CancelButton onClick={onClose} />
          </>
        )}
      </ModalFooter>
    </Dialog>
  );
}

function lacking(pool: Pool | undefined, file: File | null, name: string): string | null {
  if (!pool) return t('No pool of this host runs. Start one first.');
  if (!file) return t('Choose the file.');
  return name === '' ? t('Give it a name.') : null;
}

function nameFault(name: string, taken: Volume | undefined, replace: boolean): string | undefined {
  if (/^[.-]|\//.test(name)) return t('It must be a name without slashes, and cannot begin with a dash or a dot.');
  if (taken && taken.used_by.length > 0) return t('This volume is used by {{machines}}. Take another name.', { machines: taken.used_by.join(', ') });
  return taken && !replace ? t('The pool has a volume of this name already.') : undefined;
}
