import { Checkbox, Radio, TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { SizeInput } from '../../../../components/SizeInput';
import { t } from '../../../../util/i18n';
import { pools } from '../sources';
import { isDisk, valueOf } from '../values';
import { ChoiceField, Field, words } from './Field';
import type { FieldsProps, HardwareForm } from './form';
import { PoolField, VolumeFields } from './VolumePicker';

interface DiskForm {
  from: 'new' | 'volume';
  pool: string | null;
  volume: string | null;
  size_mib: number | null;
  format: string | null;
  bus: string | null;
  cache: string | null;
  io: string | null;
  discard: string | null;
  detect_zeroes: string | null;
  readonly: boolean;
  shareable: boolean;
  serial: string;
}

type Fields = FieldsProps<DiskForm>;

export const BUSES = ['virtio', 'scsi', 'sata', 'ide', 'usb'];

export const disk: HardwareForm<DiskForm> = {
  id: 'disk',
  title: () => t('Disk'),
  fits: (value) => isDisk(value) && value.device !== 'cdrom' && value.device !== 'floppy',
  adds: true,
  start: (_, device) => {
    const value = device ? valueOf(device) : null;
    const known = value && isDisk(value) ? value : null;
    return {
      from: 'new',
      pool: known ? null : 'default',
      volume: null,
      size_mib: known ? null : 20 * 1024,
      format: known ? known.format : null,
      bus: known ? known.bus : 'virtio',
      cache: known?.cache ?? null,
      io: known?.io ?? null,
      discard: known?.discard ?? null,
      detect_zeroes: known?.detect_zeroes ?? null,
      readonly: known?.readonly ?? false,
      shareable: known?.shareable ?? false,
      serial: known?.serial ?? '',
    };
  },
  body: (value, device) => {
    const { from, pool, volume, size_mib, format, serial, ...same } = value;
    const settings = { ...same, cache: same.cache === 'default' ? null : same.cache, serial: serial.trim() || null };
    const size = { size_gib: size_mib === null ? undefined : size_mib / 1024 };
    if (device) return { ...settings, ...size };
    const source = from === 'new' ? { pool, volume: volume || undefined, format: format ?? undefined, ...size } : { pool, volume };
    return { type: 'disk', device: 'disk', ...source, ...withoutNull(settings) };
  },
  missing: (value, device) => {
    if (device) return null;
    if (!value.pool) return t('Choose a pool.');
    if (value.from === 'volume' && !value.volume) return t('Choose a volume.');
    if (value.from === 'new' && !value.size_mib) return t('Give the size of the new disk.');
    return null;
  },
  pointers: ['/pool', '/volume', '/size_gib', '/format', '/bus', '/cache', '/io', '/discard', '/detect_zeroes', '/serial', '/readonly', '/shareable'],
  Basic: (props) => (
    <>
      {props.device ? <GrowField {...props} /> : <SourceFields {...props} />}
      <BusField {...props} />
    </>
  ),
  Advanced: AdvancedFields,
};

/** Defaults that the server chooses are left out rather than sent as null. */
export function withoutNull(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== false));
}

function SourceFields(props: Fields) {
  const { domain, value, set, error } = props;
  const formats = useQuery(pools(domain.host)).data?.find((pool) => pool.name === value.pool)?.formats ?? ['qcow2', 'raw'];
  return (
    <>
      <Field id="disk-from" label={t('Content')}>
        <div role="radiogroup" aria-label={t('Content')} className="qd-radios">
          <Radio id="disk-new" name="disk-from" label={t('A new, empty volume')} isChecked={value.from === 'new'} onChange={() => set({ from: 'new', volume: null })} />
          <Radio id="disk-volume" name="disk-from" label={t('A volume that exists')} isChecked={value.from === 'volume'} onChange={() => set({ from: 'volume', volume: null })} />
        </div>
      </Field>
      {value.from === 'volume' ? (
        <VolumeFields
          host={domain.host}
          pool={value.pool}
          volume={value.volume}
          first={(volume) => !volume.is_iso && volume.used_by.length === 0}
          error={error}
          label={t('Volume')}
          onChange={set}
        />
      ) : (
        <>
          <PoolField host={domain.host} pool={value.pool} error={error('/pool')} onChange={(pool) => set({ pool, format: null })} />
          <Field id="size" label={t('Size')} error={error('/size_gib')}>
            <SizeInput id="size" label={t('Size')} mib={value.size_mib} invalid={!!error('/size_gib')} onChange={(size_mib) => set({ size_mib })} />
          </Field>
          <ChoiceField
            id="format"
            label={t('Format')}
            help={t('qcow2 grows as it fills and can have snapshots; raw is a little faster.')}
            error={error('/format')}
            value={value.format ?? formats[0] ?? null}
            choices={words(...formats)}
            onChange={(format) => set({ format })}
          />
        </>
      )}
    </>
  );
}

function GrowField({ domain, value, set, error }: Fields) {
  return (
    <Field
      id="size"
      label={t('Grow to')}
      error={error('/size_gib')}
      help={t('Left empty, the size stays. A disk can only grow; the guest then has to extend its partitions.')}
    >
      <SizeInput key={domain.uuid} id="size" label={t('Grow to')} mib={value.size_mib} invalid={!!error('/size_gib')} onChange={(size_mib) => set({ size_mib })} />
    </Field>
  );
}

export function BusField({ value, set, error }: { value: { bus: string | null }; set: (part: { bus: string | null }) => void; error: Fields['error'] }) {
  return (
    <ChoiceField
      id="bus"
      label={t('Bus')}
      help={t('virtio is fastest. Old systems and Windows without its drivers need sata or ide.')}
      error={error('/bus')}
      value={value.bus}
      choices={words(...BUSES)}
      onChange={(bus) => set({ bus })}
    />
  );
}

function AdvancedFields({ value, set, error, device }: Fields) {
  const standard = t('libvirt decides');
  return (
    <>
      <ChoiceField
        id="cache"
        label={t('Cache')}
        help={t('none is safe for migration; writeback is faster for single disks; unsafe loses data when the host fails.')}
        error={error('/cache')}
        value={value.cache}
        empty={standard}
        choices={words('none', 'writethrough', 'writeback', 'directsync', 'unsafe')}
        onChange={(cache) => set({ cache })}
      />
      <ChoiceField id="io" label={t('I/O mode')} help={t('native needs the cache none or directsync.')} error={error('/io')} value={value.io} empty={standard} choices={words('native', 'threads', 'io_uring')} onChange={(io) => set({ io })} />
      <ChoiceField id="discard" label={t('Discard')} help={t('unmap gives space back that the guest frees.')} error={error('/discard')} value={value.discard} empty={standard} choices={words('ignore', 'unmap')} onChange={(discard) => set({ discard })} />
      <ChoiceField id="detect_zeroes" label={t('Detect zeroes')} error={error('/detect_zeroes')} value={value.detect_zeroes} empty={standard} choices={words('off', 'on', 'unmap')} onChange={(detect_zeroes) => set({ detect_zeroes })} />
      <Checkbox id="readonly" label={t('Read-only')} isChecked={value.readonly} onChange={(_, readonly) => set({ readonly })} description={error('/readonly')} />
      <Checkbox
        id="shareable"
        label={t('Shareable')}
        description={error('/shareable') ?? t('Several machines may write it at once. Without a file system made for that, data are lost.')}
        isChecked={value.shareable}
        onChange={(_, shareable) => set({ shareable })}
      />
      <Field id="serial" label={t('Serial number')} error={error('/serial')} help={t('What the guest sees.')}>
        <TextInput id="serial" value={value.serial} maxLength={36} validated={error('/serial') ? 'error' : 'default'} aria-describedby="serial-help" onChange={(_, serial) => set({ serial })} />
      </Field>
      {!device && value.from === 'new' ? (
        <Field id="volume-name" label={t('Name of the volume')} error={error('/volume')} help={t('Left empty, it is named after the machine.')}>
          <TextInput id="volume-name" value={value.volume ?? ''} aria-describedby="volume-name-help" onChange={(_, volume) => set({ volume: volume || null })} />
        </Field>
      ) : null}
    </>
  );
}
