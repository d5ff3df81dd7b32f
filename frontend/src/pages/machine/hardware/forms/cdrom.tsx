import { Checkbox, Radio } from '@patternfly/react-core';
import { Field } from '../../../../components/Field';
import { t } from '../../../../util/i18n';
import { isDisk, valueOf } from '../values';
import type { Special } from './declared';
import type { FieldsProps } from './form';
import type { Values } from './values';
import { VolumeFields } from './VolumePicker';

type Medium = 'keep' | 'volume' | 'none';

/** What is in a drive, or comes in, or goes out. */
export function medium(kind: 'cdrom' | 'floppy'): Special {
  return {
    start: (device) => ({ medium: device ? 'keep' : 'volume', pool: 'default', volume: null, force: false, ...(device ? {} : { bus: kind === 'floppy' ? 'fdc' : 'sata' }) }),
    body: ({ medium, pool, volume, force }, device) => {
      const source = medium === 'volume' ? { pool, volume } : null;
      if (!device) return { device: kind, ...source };
      return { ...(medium === 'keep' ? {} : { source }), ...(force ? { force } : {}) };
    },
    missing: ({ medium, pool, volume }) => (medium === 'volume' && (!pool || !volume) ? t('Choose the image to insert.') : null),
    pointers: ['/pool', '/volume', '/source', '/source/pool', '/source/volume', '/force'],
    Fields: MediumFields,
  };
}

function MediumFields({ domain, value, set, error, device }: FieldsProps<Values>) {
  const now = device ? valueOf(device) : null;
  const inside = now && isDisk(now) ? (now.source.file ?? now.source.volume ?? now.source.dev) : null;
  const radio = (medium: Medium, label: string) => (
    <Radio id={`medium-${medium}`} name="medium" label={label} isChecked={value['medium'] === medium} onChange={() => set({ medium })} />
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
      {value['medium'] === 'volume' ? (
        <VolumeFields
          host={domain.host}
          pool={value['pool'] as string | null}
          volume={value['volume'] as string | null}
          first={(volume) => volume.is_iso}
          error={(pointer) => error(pointer) ?? error(`/source${pointer}`)}
          label={t('Image')}
          onChange={set}
        />
      ) : null}
      {device ? (
        <Checkbox
          id="force"
          label={t('Force')}
          description={t('Opens the tray even if the guest has locked it. What the guest has mounted may be damaged.')}
          isChecked={value['force'] === true}
          onChange={(_, force) => set({ force })}
        />
      ) : null}
    </>
  );
}
