import { FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ConvertRequest } from '../../api/appliances';
import { fieldError } from '../../api/problem';
import { lacks, storageQueries, VOLUME, type Volume } from '../../api/storage';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { FormSelect, TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

const FORMATS: [ConvertRequest['format'], () => string][] = [
  ['qcow2', () => t('qcow2: for QEMU, grows as it is filled')],
  ['raw', () => t('Raw: plain, for anything')],
  ['vmdk', () => t('VMDK: for VMware')],
  ['vhdx', () => t('VHDX: for Hyper-V')],
  ['vpc', () => t('VHD: for Virtual PC and Azure')],
  ['vdi', () => t('VDI: for VirtualBox')],
];

interface Props {
  volume: Volume;
  onDone: () => void;
  onClose: () => void;
}

/** Makes a new volume of what another one holds, in the format of this or another product. */
export function ConvertDialog({ volume, ...frame }: Props) {
  const pools = (useQuery(storageQueries.pools(volume.host)).data ?? []).filter((pool) => pool.active && !lacks(pool, 'create') && !lacks(pool, 'upload'));
  const [format, setFormat] = useState<ConvertRequest['format']>(volume.format === 'qcow2' ? 'raw' : 'qcow2');
  const [pool, setPool] = useState(volume.pool);
  const [name, setName] = useState('');
  const body: ConvertRequest = { format, pool, name: name || null, source_format: null };
  const change = { method: 'POST' as const, template: `${VOLUME}/convert`, path: { host: volume.host, pool: volume.pool, volume: volume.name }, body };
  return (
    <PlannedDialog title={t('Convert {{name}}', { name: volume.name })} description={t('Into a new volume; this one stays as it is.')} verb={t('Convert')} change={change} shown={['/name', '/pool', '/format']} {...frame}>
      {(problem) => (
        <>
          <Field id="convert-format" label={t('Format')} error={fieldError(problem, '/format')} help={t('Now {{format}}, {{size}}.', { format: volume.format ?? 'raw', size: formatBytes(volume.allocation_bytes) })}>
            <FormSelect id="convert-format" value={format} onChange={(_, value) => setFormat(value as ConvertRequest['format'])}>
              {FORMATS.map(([known, words]) => (
                <FormSelectOption key={known} value={known} label={words()} />
              ))}
            </FormSelect>
          </Field>
          <div className="qd-form-pair">
            <Field id="convert-pool" label={t('Pool')} error={fieldError(problem, '/pool')}>
              <FormSelect id="convert-pool" value={pool} onChange={(_, value) => setPool(value)}>
                {pools.map((known) => (
                  <FormSelectOption key={known.uuid} value={known.name} label={t('{{pool}} ({{free}} free)', { pool: known.name, free: formatBytes(known.available_bytes) })} />
                ))}
              </FormSelect>
            </Field>
            <Field id="convert-name" label={t('Name')} error={fieldError(problem, '/name')}>
              <TextInput id="convert-name" value={name} placeholder={t('As it is, with the ending of the format')} onChange={(_, value) => setName(value)} />
            </Field>
          </div>
        </>
      )}
    </PlannedDialog>
  );
}
