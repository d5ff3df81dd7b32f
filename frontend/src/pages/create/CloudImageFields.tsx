import { Checkbox, Radio, FormGroup } from '@patternfly/react-core';
import type { Volume } from '../../api/storage';
import { t } from '../../util/i18n';
import { isWindowsImage } from './answers';
import { NO_SETTINGS } from './cloudInit';
import { Fetched, type Fetch } from './Fetched';
import { PointedField } from './PointedField';
import { FirstSettingsFields } from './FirstSettingsFields';
import type { SectionProps } from './parts';
import { VolumeSelect } from './VolumeSelect';

const writtenBy = ({ written_by: writers }: Volume) => (writers.length > 0 ? t('a disk that {{machines}} writes', { machines: writers.join(', ') }) : null);

/** The image, how the disk comes from it, and what cloud-init sets up at the first start. */
export function CloudImageFields(props: SectionProps & { onFetch: (how: Fetch) => void }) {
  const { draft, set, errors, pools, resolved, onFetch } = props;
  const modes: ['linked' | 'full', string, string][] = [
    ['linked', t('Linked'), t('Ready at once: the disk holds only what differs, and needs the image')],
    ['full', t('Copied in full'), t('Needs nothing of the image afterwards')],
  ];
  return (
    <>
      <PointedField id="cloud-image" label={t('Image')} pointers={['/install/pool', '/install/volume']} errors={errors} help={t('A disk image made for clouds (qcow2 or raw). It stays as it is.')} isRequired>
        <Fetched onFetch={onFetch}>
          <VolumeSelect id="cloud-image" label={t('Image')} pools={pools} offer={(volume) => !volume.is_iso && !volume.partial} refuse={writtenBy} value={draft.image} onChange={(image) => set({ image })} paths={false} />
        </Fetched>
      </PointedField>
      <FormGroup role="radiogroup" label={t('Its disk')} fieldId="copy-mode">
        {modes.map(([id, label, text]) => (
          <Radio key={id} id={`copy-mode-${id}`} name="copy-mode" label={label} description={text} isChecked={(draft.copyMode ?? 'linked') === id} onChange={() => set({ copyMode: id })} />
        ))}
      </FormGroup>
      {isWindowsImage(resolved) && draft.answers ? null : <FirstSettings {...props} />}
    </>
  );
}

function FirstSettings({ draft, set, errors }: SectionProps) {
  const settings = draft.settings ?? NO_SETTINGS;
  return (
    <>
      <PointedField id="copy-mode-fault" label={t('First settings')} pointers={['/install/copy_mode']} errors={errors} help={t('cloud-init reads them at the first start, from a disc that goes when the machine is first turned off.')}>
        <Checkbox id="own-user-data" label={t('My own user data')} isChecked={settings.own} onChange={(_, own) => set({ settings: { ...settings, own } })} />
      </PointedField>
      <FirstSettingsFields at="/install/cloud_init" settings={settings} errors={errors} set={(change) => set({ settings: { ...settings, ...change } })} />
    </>
  );
}
