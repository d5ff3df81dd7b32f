import { FormSelectOption, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { lacks } from '../../api/storage';
import { FormSelect } from '../../components/inputs';
import { SizeInput } from '../../components/SizeInput';
import { t } from '../../util/i18n';
import { formatBytes, formatMib, sizeFault } from '../../util/units';
import { PassphraseField } from '../storage/PassphraseField';
import type { DiskKind } from './draft';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';
import { warn } from './ResourcesSection';
import { VolumeSelect } from './VolumeSelect';

/** The machine's disk: a new one, one that exists, or none. Import has chosen its disk above. */
export function DiskSection(props: SectionProps) {
  const { draft, resolved, set, errors, pools } = props;
  if (resolved.method === 'import') return <BusField {...props} />;
  if (resolved.method === 'cloud_image') return <NewDisk {...props} />;
  const kinds: [DiskKind, string][] = [
    ['new', t('New disk')],
    ['volume', t('Existing volume')],
    ['none', t('No disk')],
  ];
  return (
    <>
      <ToggleGroup aria-label={t('Disk')}>
        {kinds.map(([id, text]) => (
          <ToggleGroupItem key={id} text={text} buttonId={`disk-${id}`} isSelected={resolved.diskKind === id} onChange={() => set({ diskKind: id })} />
        ))}
      </ToggleGroup>
      {resolved.diskKind === 'new' ? <NewDisk {...props} /> : null}
      {resolved.diskKind === 'volume' ? (
        <>
          <PointedField id="disk-volume" label={t('Volume')} pointers={['/disks/0']} errors={errors} isRequired>
            <VolumeSelect
              id="disk-volume"
              label={t('Volume')}
              pools={pools}
              offer={(volume) => !volume.is_iso && !volume.partial}
              refuse={(volume) => (volume.used_by.length > 0 ? t('used by {{machines}}', { machines: volume.used_by.join(', ') }) : null)}
              value={draft.volume}
              onChange={(volume) => set({ volume })}
            />
          </PointedField>
          <BusField {...props} />
        </>
      ) : null}
      {resolved.diskKind === 'none' ? <p className="qd-dim">{t('It runs from the medium or the network and keeps nothing.')}</p> : null}
    </>
  );
}

function NewDisk(props: SectionProps) {
  const { draft, resolved, set, errors, pools } = props;
  const { pool, disk_mib: size } = resolved;
  const free = pool ? pool.available_bytes / 1024 ** 2 : null;
  const over = size !== null && free !== null && size > free;
  const warning = warn([
    [over && !pool?.formats.includes('qcow2'), t('Larger than what is free in the pool: it would not fit.')],
    [over, t('Larger than what is free in the pool: it fits only until it is filled. The machine stops when the pool is full.')],
  ]);
  return (
    <>
      <div className="qd-form-pair">
        <PointedField id="disk-size" label={t('Size')} pointers={['/disks/0/size_gib']} errors={errors} fault={sizeFault(size) ?? (size ? undefined : t('Give the disk a size.'))} warning={warning} help={free === null ? null : t('{{free}} free in pool {{pool}}', { free: formatMib(free), pool: pool?.name ?? '' })} isRequired>
          <SizeInput id="disk-size" label={t('Size of the disk')} mib={size} onChange={(disk_mib) => set({ disk_mib })} />
        </PointedField>
        <PointedField id="disk-pool" label={t('Pool')} pointers={['/disks/0/pool', '/disks/0/volume']} errors={errors} isRequired>
          <FormSelect id="disk-pool" value={pool?.name ?? ''} onChange={(_, value) => set({ pool: value })}>
            {pools.map((known) => (
              <FormSelectOption
                key={known.uuid}
                value={known.name}
                isDisabled={!known.active || !!lacks(known, 'create')}
                label={lacks(known, 'create') ? t('{{pool}} (takes no new volumes)', { pool: known.name }) : known.active ? t('{{pool}} ({{free}} free)', { pool: known.name, free: formatBytes(known.available_bytes) }) : t('{{pool}} (off)', { pool: known.name })}
              />
            ))}
          </FormSelect>
        </PointedField>
      </div>
      <div className="qd-form-pair">
        <PointedField id="disk-format" label={t('Format')} pointers={['/disks/0/format']} errors={errors} help={resolved.format === 'qcow2' ? t('Grows as it is filled; can take snapshots') : t('Plain, a little quicker')}>
          <FormSelect id="disk-format" value={resolved.format} onChange={(_, value) => set({ format: value })}>
            {(pool?.formats ?? []).map((format) => (
              <FormSelectOption key={format} value={format} label={format} />
            ))}
          </FormSelect>
        </PointedField>
        <BusField {...props} />
      </div>
      {resolved.method === 'cloud_image' ? null : (
        <PassphraseField value={draft.passphrase ?? null} onChange={(passphrase) => set({ passphrase: passphrase ?? undefined })} error={errors.find(({ pointer }) => pointer === '/disks/0/passphrase')?.detail} />
      )}
    </>
  );
}

const BUSES = ['virtio', 'scsi', 'sata', 'ide', 'usb'];

function BusField({ draft, set, errors }: SectionProps) {
  return (
    <PointedField id="disk-bus" label={t('Bus')} pointers={['/disks/0/bus']} errors={errors}>
      <FormSelect id="disk-bus" value={draft.bus ?? ''} onChange={(_, value) => set({ bus: value || undefined })}>
        <FormSelectOption value="" label={t('As fits the system')} />
        {BUSES.map((bus) => (
          <FormSelectOption key={bus} value={bus} label={bus} />
        ))}
      </FormSelect>
    </PointedField>
  );
}
