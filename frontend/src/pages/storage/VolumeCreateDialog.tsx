import { Checkbox, Form, FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { call, problemOf } from '../../api/client';
import { POOL, type Pool, type Volume } from '../../api/storage';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { SizeInput } from '../../components/SizeInput';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

/** A new, empty volume. */
export function VolumeCreateDialog({ pool, onClose, onDone }: { pool: Pool; onClose: () => void; onDone: (volume: Volume) => void }) {
  const [name, setName] = useState('');
  const [mib, setMib] = useState<number | null>(20 * 1024);
  const [format, setFormat] = useState(pool.formats[0] ?? 'raw');
  const [allocate, setAllocate] = useState(false);
  const create = async () => {
    const body = { name, size_gib: (mib ?? 0) / 1024, format, allocate };
    onDone(await call<Volume>('POST', `${POOL}/volumes`, { path: { host: pool.host, pool: pool.name }, body }));
  };
  const blocked = name === '' ? t('Give it a name.') : mib === null || mib === 0 ? t('Give it a size.') : null;
  return (
    <ConfirmDialog title={t('New volume in {{pool}}', { pool: pool.name })} verb={t('Create')} variant="medium" blocked={blocked} onConfirm={create} toProblem={problemOf} onClose={onClose}>
      <Form onSubmit={(event) => event.preventDefault()}>
        <FormGroup label={t('Name')} fieldId="volume-name" isRequired>
          <TextInput id="volume-name" value={name} onChange={(_, value) => setName(value)} placeholder={format === 'qcow2' ? 'data.qcow2' : 'data.img'} autoFocus />
        </FormGroup>
        <div className="qd-form-pair">
          <FormGroup label={t('Size')} fieldId="volume-size" isRequired>
            <SizeInput id="volume-size" label={t('Size')} mib={mib} onChange={setMib} />
            <FormHelperText>
              <HelperText>
                <HelperTextItem>{t('{{free}} free in this pool', { free: formatBytes(pool.available_bytes) })}</HelperTextItem>
              </HelperText>
            </FormHelperText>
          </FormGroup>
          <FormGroup label={t('Format')} fieldId="volume-format">
            <FormSelect id="volume-format" value={format} onChange={(_, value) => setFormat(value)}>
              {pool.formats.map((known) => (
                <FormSelectOption key={known} value={known} label={known} />
              ))}
            </FormSelect>
          </FormGroup>
        </div>
        <Checkbox
          id="volume-allocate"
          label={t('Take all its space at once')}
          description={t('It cannot run out of space later; otherwise it grows as it is filled.')}
          isChecked={allocate}
          onChange={(_, on) => setAllocate(on)}
        />
      </Form>
    </ConfirmDialog>
  );
}
