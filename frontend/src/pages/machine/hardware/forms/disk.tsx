import { Radio } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { TextInput } from '../../../../components/inputs';
import { Field } from '../../../../components/Field';
import { SizeInput } from '../../../../components/SizeInput';
import { t } from '../../../../util/i18n';
import { pools } from '../sources';
import { isDisk, valueOf } from '../values';
import { sizeFault } from '../../../../util/units';
import { withFaults, type Special } from './declared';
import { ChoiceField, words } from './ChoiceField';
import type { FieldsProps } from './form';
import { FormFields } from './FormFields';
import { bodyOf, faultsOf, startOf, withoutEmpty, type FormField, type FormView, type Values } from './values';
import { PoolField, VolumeFields } from './VolumePicker';

type From = 'keep' | 'new' | 'volume' | 'server';
type Fields = FieldsProps<Values>;

/** Where the content of a disk comes from: a new volume, one that exists, a server; and how large it is to be. */
export function diskContent(view: FormView): Special {
  const server = view.fields.find((field) => field.name === 'source')?.fields ?? [];
  return {
    hides: ['source'],
    start: (device) => {
      const value = device ? valueOf(device) : null;
      const known = value && isDisk(value) ? value : null;
      return {
        from: known ? 'keep' : 'new',
        pool: known ? null : 'default',
        volume: null,
        size_mib: known ? null : 20 * 1024,
        format: null,
        source: startOf(server, (known?.source as Values | undefined) ?? null),
      };
    },
    body: (values, device) => {
      const { pool, volume, format } = values;
      const size = { size_gib: values['size_mib'] === null ? undefined : Number(values['size_mib']) / 1024 };
      const at = { source: withoutEmpty(bodyOf(server, values['source'] as Values)) };
      if (device) return { source: undefined, ...(values['from'] === 'volume' ? { source: { pool, volume } } : values['from'] === 'server' ? at : size) };
      const shared = { device: 'disk', source: undefined };
      if (values['from'] === 'server') return { ...shared, ...at };
      return values['from'] === 'new' ? { ...shared, pool, volume: volume || undefined, format: format ?? undefined, ...size } : { ...shared, pool, volume };
    },
    missing: (values) => missing(values) ?? (values['from'] === 'server' ? (faultsOf(server, values['source'] as Values)[0]?.[1] ?? null) : null),
    pointers: ['/pool', '/volume', '/size_gib', '/format', '/source', '/path'],
    Fields: (props) => <ContentFields {...props} server={server} />,
  };
}

function missing(values: Values): string | null {
  const from = values['from'] as From;
  if ((from === 'new' || from === 'volume') && !values['pool']) return t('Choose a pool.');
  if (from === 'volume' && !values['volume']) return t('Choose a volume.');
  const wrong = from === 'new' || from === 'keep' ? sizeFault(values['size_mib'] as number | null) : undefined;
  if (wrong) return wrong;
  if (from === 'new' && !values['size_mib']) return t('Give the size of the new disk.');
  return from === 'server' && !(values['source'] as Values)['protocol'] ? t('Choose how the server is reached.') : null;
}

function ContentFields(props: Fields & { server: FormField[] }) {
  const { domain, value, set, error, device, server } = props;
  const radio = (from: From, label: string) => (
    <Radio id={`disk-${from}`} name="disk-from" label={label} isChecked={value['from'] === from} onChange={() => set({ from, volume: null })} />
  );
  return (
    <>
      <Field id="disk-from" label={t('Content')} error={error('/source')}>
        <div role="radiogroup" aria-label={t('Content')} className="qd-radios">
          {device ? radio('keep', t('As it is')) : radio('new', t('A new, empty volume'))}
          {radio('volume', device ? t('Another volume') : t('A volume that exists'))}
          {radio('server', t('At a server'))}
        </div>
      </Field>
      {value['from'] === 'volume' ? (
        <VolumeFields
          host={domain.host}
          pool={value['pool'] as string | null}
          volume={value['volume'] as string | null}
          first={(volume) => !volume.is_iso && volume.used_by.length === 0}
          error={error}
          label={t('Volume')}
          onChange={set}
        />
      ) : null}
      {value['from'] === 'new' ? <NewVolume {...props} /> : null}
      {value['from'] === 'server' ? (
        <fieldset className="qd-group">
          <legend>{t('Server')}</legend>
          <div className="qd-fields">
            <FormFields fields={server} base="/source" values={value['source'] as Values} set={(part) => set({ source: { ...(value['source'] as Values), ...part } })} error={withFaults(faultsOf(server, value['source'] as Values, '/source'), value, true, error)} adding running={false} />
          </div>
        </fieldset>
      ) : null}
      {value['from'] === 'keep' ? <GrowField {...props} /> : null}
    </>
  );
}

function NewVolume({ domain, value, set, error }: Fields) {
  const [named, setNamed] = useState(false);
  const formats = useQuery(pools(domain.host)).data?.find((pool) => pool.name === value['pool'])?.formats ?? ['qcow2', 'raw'];
  return (
    <>
      <PoolField host={domain.host} pool={value['pool'] as string | null} error={error('/pool')} onChange={(pool) => set({ pool, format: null })} />
      <Field id="size" label={t('Size')} error={sizeFault(value['size_mib'] as number | null) ?? error('/size_gib')}>
        <SizeInput id="size" label={t('Size')} mib={value['size_mib'] as number | null} invalid={!!error('/size_gib')} onChange={(size_mib) => set({ size_mib })} />
      </Field>
      <ChoiceField
        id="format"
        label={t('Format')}
        help={t('qcow2 grows as it fills and can have snapshots; raw is a little faster.')}
        error={error('/format')}
        value={(value['format'] as string | null) ?? formats[0] ?? null}
        choices={words(...formats)}
        onChange={(format) => set({ format })}
      />
      <Field id="volume-name" label={t('Name of the volume')} error={error('/volume')} help={t('Left empty, it is named after the machine.')}>
        <TextInput
          id="volume-name"
          value={String(value['volume'] ?? '')}
          validated={named && error('/volume') ? 'error' : 'default'}
          aria-describedby="volume-name-help"
          onChange={(_, volume) => {
            setNamed(true);
            set({ volume: volume || null });
          }}
        />
      </Field>
    </>
  );
}

function GrowField({ domain, value, set, error }: Fields) {
  return (
    <Field
      id="size"
      label={t('Grow to')}
      error={sizeFault(value['size_mib'] as number | null) ?? error('/size_gib')}
      help={t('Left empty, the size stays. A disk can only grow; the guest then has to extend its partitions.')}
    >
      <SizeInput
        key={domain.uuid}
        id="size"
        label={t('Grow to')}
        mib={value['size_mib'] as number | null}
        invalid={!!error('/size_gib')}
        onChange={(size_mib) => set({ size_mib })}
      />
    </Field>
  );
}
