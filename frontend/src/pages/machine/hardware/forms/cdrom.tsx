import { Checkbox, Radio } from '@patternfly/react-core';
import { t } from '../../../../util/i18n';
import { isDisk, valueOf } from '../values';
import { BusField } from './disk';
import { Field } from './Field';
import type { FieldsProps, HardwareForm } from './form';
import { VolumeFields } from './VolumePicker';

interface CdForm {
  medium: 'keep' | 'volume' | 'none';
  pool: string | null;
  volume: string | null;
  bus: string | null;
  force: boolean;
}

type Fields = FieldsProps<CdForm>;

export const cdrom: HardwareForm<CdForm> = {
  id: 'cdrom',
  title: () => t('CD-ROM drive'),
  fits: (value) => isDisk(value) && (value.device === 'cdrom' || value.device === 'floppy'),
  adds: true,
  start: (_, device) => {
    const value = device ? valueOf(device) : null;
    const bus = value && isDisk(value) ? value.bus : 'sata';
    return { medium: device ? 'keep' : 'volume', pool: 'default', volume: null, bus, force: false };
  },
  body: ({ medium, pool, volume, bus, force }, device) => {
    const source = medium === 'volume' ? { pool, volume } : null;
    if (!device) return { type: 'disk', device: 'cdrom', bus, ...source };
    return { bus, ...(medium === 'keep' ? {} : { source }), ...(force ? { force } : {}) };
  },
  missing: ({ medium, pool, volume }) => (medium === 'volume' && (!pool || !volume) ? t('Choose the image to insert.') : null),
  pointers: ['/pool', '/volume', '/source', '/source/pool', '/source/volume', '/bus', '/force'],
  Basic: MediumFields,
  Advanced: ({ value, set, error, device }) => (
    <>
      <BusField value={value} set={set} error={error} />
      {device ? (
        <Checkbox
          id="force"
          label={t('Force')}
          description={t('Opens the tray even if the guest has locked it. What the guest has mounted may be damaged.')}
          isChecked={value.force}
          onChange={(_, force) => set({ force })}
        />
      ) : null}
    </>
  ),
};

function MediumFields({ domain, value, set, error, device }: Fields) {
  const now = device ? valueOf(device) : null;
  const inside = now && isDisk(now) ? (now.source.file ?? now.source.volume ?? now.source.dev) : null;
  const radio = (medium: CdForm['medium'], label: string) => (
    <Radio id={`medium-${medium}`} name="medium" label={label} isChecked={value.medium === medium} onChange={() => set({ medium })} />
  );
  return (
    <>
      <Field id="medium" label={t('Medium')} error={error('/source')}>
        <div role="radiogroup" aria-label={t('Medium')} className="qd-radios">
          {device ? radio('keep', inside ? t('Leave {{medium}} in', { medium: inside.split('/').pop() ?? inside }) : t('Leave it empty')) : null}
          {radio('volume', device ? t('Insert an image') : t('An image of a pool'))}
          {device && !inside ? null : radio('none', device ? t('Eject') : t('Empty'))}
        </div>
      </Field>
      {value.medium === 'volume' ? (
        <VolumeFields
          host={domain.host}
          pool={value.pool}
          volume={value.volume}
          first={(volume) => volume.is_iso}
          error={(pointer) => error(pointer) ?? error(`/source${pointer}`)}
          label={t('Image')}
          onChange={set}
        />
      ) : null}
    </>
  );
}
