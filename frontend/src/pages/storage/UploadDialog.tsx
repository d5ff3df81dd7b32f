import './storage.css';
import { Alert, Button, Checkbox, Form, FormGroup, FormHelperText, HelperText, HelperTextItem, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { storageKeys, storageQueries, type Pool, type Volume } from '../../api/storage';
import type { Host } from '../../api/types';
import { uploads, useUploads } from '../../api/uploads';
import { CancelButton } from '../../components/CancelButton';
import { TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { FileDrop } from '../../components/FileDrop';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
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
  const [id, setId] = useState<number | null>(null);
  const upload = useUploads().find((known) => known.id === id);
  const taken = volumes.find((volume) => volume.name === name);
  const refusal = refusalOf(pool, file, taken, replace);

  const done = useEffectEvent(() => {
    if (!upload) return;
    void cache.invalidateQueries({ queryKey: storageKeys.pools(upload.host) });
    onDone?.(upload.pool, upload.volume);
  });
  const isDone = upload?.state === 'done';
  useEffect(() => {
    if (isDone) done();
  }, [isDone]);
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
            <FormGroup label={t('File')} fieldId="upload-file">
              <FileDrop id="upload-file" file={file} onFile={(next) => (setFile(next), setName(next.name.replaceAll('/', '-')))} />
            </FormGroup>
            <div className="qd-form-pair">
              <FormGroup label={t('Pool')} fieldId="upload-pool">
                <PoolChoice id="upload-pool" choice={choice} />
              </FormGroup>
              <FormGroup label={t('Name of the volume')} fieldId="upload-name">
                <TextInput id="upload-name" value={name} onChange={(_, value) => setName(value)} />
              </FormGroup>
            </div>
            {taken && taken.used_by.length === 0 ? (
              <Checkbox id="upload-replace" label={t('Replace the volume of this name ({{size}})', { size: formatBytes(taken.capacity_bytes) })} isChecked={replace} onChange={(_, on) => setReplace(on)} />
            ) : null}
            {file && refusal ? (
              <FormHelperText>
                <HelperText>
                  <HelperTextItem variant="error">{refusal}</HelperTextItem>
                </HelperText>
              </FormHelperText>
            ) : null}
            {pool ? null : <Alert variant="warning" isInline title={t('No pool of this host runs. Start one first.')} />}
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        {upload && !over ? (
          <Button onClick={onClose}>{isDone ? t('Close') : t('Go on in the background')}</Button>
        ) : (
          <>
            <Button isDisabled={!file || !pool || name === '' || refusal !== null} onClick={() => file && pool && setId(uploads.start(pool.host, pool.name, name, file))}>
              {t('Upload')}
            </Button>
            <CancelButton onClick={onClose} />
          </>
        )}
      </ModalFooter>
    </Dialog>
  );
}

function refusalOf(pool: Pool | undefined, file: File | null, taken: Volume | undefined, replace: boolean): string | null {
  if (taken && taken.used_by.length > 0) return t('This volume is used by {{machines}}. Take another name.', { machines: taken.used_by.join(', ') });
  if (taken && !replace) return t('The pool has a volume of this name already.');
  if (!file || !pool) return null;
  const needed = file.size - (taken?.allocation_bytes ?? 0);
  if (needed > pool.available_bytes) return t('It needs {{size}}, but the pool has only {{free}} left.', { size: formatBytes(file.size), free: formatBytes(pool.available_bytes) });
  return null;
}
