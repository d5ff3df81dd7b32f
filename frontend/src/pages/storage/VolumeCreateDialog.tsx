import { Checkbox, FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldError } from '../../api/problem';
import { POOL, storageQueries, type Pool } from '../../api/storage';
import { FormSelect, TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { SizeInput } from '../../components/SizeInput';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';
import { formatBytes, sizeFault } from '../../util/units';
import { passphraseFault } from './passphrase';
import { PassphraseField } from './PassphraseField';

const FIELDS = ['/name', '/size_gib', '/format', '/backing', '/allocate', '/passphrase'];
const GIB = 1 << 30;

/** A new volume: empty, or standing on another one of its pool, of which it holds only what differs. */
export function VolumeCreateDialog({ pool, onClose, onDone }: { pool: Pool; onClose: () => void; onDone: () => void }) {
  const volumes = useQuery(storageQueries.volumes(pool.host, pool.name)).data ?? [];
  const [name, setName] = useState('');
  const [mib, setMib] = useState<number | null>(20 * 1024);
  const [chosen, setFormat] = useState(pool.formats[0] ?? 'raw');
  const [allocate, setAllocate] = useState(false);
  const [below, setBelow] = useState('');
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const base = volumes.find((volume) => volume.name === below);
  const format = base ? 'qcow2' : chosen;
  const stands = pool.formats.includes('qcow2');
  const stand = (next: string) => {
    setBelow(next);
    const size = volumes.find((volume) => volume.name === next)?.capacity_bytes;
    if (size) setMib(Math.ceil((size / GIB) * 1024));
  };
  const body = { name, size_gib: (mib ?? 0) / 1024, format, allocate: allocate && !base, backing: base ? { volume: base.name } : undefined, passphrase };
  const blocked = name === '' ? t('Give it a name.') : !mib ? (sizeFault(mib) ?? t('Give it a size.')) : passphraseFault(passphrase);
  return (
    <PlannedDialog title={t('New volume in {{pool}}', { pool: pool.name })} verb={t('Create')} blocked={blocked} change={{ method: 'POST', template: `${POOL}/volumes`, path: { host: pool.host, pool: pool.name }, body }} shown={FIELDS} onDone={onDone} onClose={onClose}>
      {(problem) => (
        <>
          <Field id="volume-name" label={t('Name')} isRequired error={fieldError(problem, '/name')}>
            <TextInput id="volume-name" value={name} onChange={(_, value) => setName(value)} placeholder={format === 'qcow2' ? 'data.qcow2' : 'data.img'} autoFocus />
          </Field>
          {stands ? (
            <Field id="volume-below" label={t('Stands on')} error={fieldError(problem, '/backing')} help={base ? t('Only what differs from it is kept. It must not be written or deleted from then on.') : t('On another image it holds only what differs from that.')}>
              <FormSelect id="volume-below" value={below} onChange={(_, value) => stand(value)}>
                <FormSelectOption value="" label={t('Nothing: it is empty')} />
                {volumes
                  .filter((volume) => !volume.is_iso && !volume.partial && !volume.encrypted && ['qcow2', 'raw'].includes(volume.format ?? ''))
                  .map((volume) => (
                    <FormSelectOption key={volume.name} value={volume.name} label={t('{{name}} ({{size}})', { name: volume.name, size: formatBytes(volume.capacity_bytes) })} />
                  ))}
              </FormSelect>
            </Field>
          ) : null}
          <div className="qd-form-pair">
            <Field id="volume-size" label={t('Size')} isRequired error={sizeFault(mib) ?? fieldError(problem, '/size_gib')} help={t('{{free}} free in this pool', { free: formatBytes(pool.available_bytes) })}>
              <SizeInput id="volume-size" label={t('Size')} mib={mib} onChange={setMib} />
            </Field>
            <Field id="volume-format" label={t('Format')} error={fieldError(problem, '/format')} help={base ? t('Only qcow2 can stand on another image.') : undefined}>
              <FormSelect id="volume-format" value={format} isDisabled={!!base} onChange={(_, value) => setFormat(value)}>
                {pool.formats.map((known) => (
                  <FormSelectOption key={known} value={known} label={known} />
                ))}
              </FormSelect>
            </Field>
          </div>
          <Checkbox
            id="volume-allocate"
            label={t('Take all its space at once')}
            description={base ? t('It takes space only for what differs.') : t('It cannot run out of space later; otherwise it grows as it is filled.')}
            isChecked={allocate && !base}
            isDisabled={!!base}
            onChange={(_, on) => setAllocate(on)}
          />
          <PassphraseField value={passphrase} onChange={setPassphrase} error={fieldError(problem, '/passphrase')} />
        </>
      )}
    </PlannedDialog>
  );
}
