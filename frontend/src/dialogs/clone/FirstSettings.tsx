import { Checkbox } from '@patternfly/react-core';
import type { FieldError } from '../../api/types';
import { NO_SETTINGS, type FirstSettings as Settings } from '../../pages/create/cloudInit';
import { FirstSettingsFields } from '../../pages/create/FirstSettingsFields';
import { t } from '../../util/i18n';

interface Props {
  settings: Settings | null;
  errors: FieldError[];
  set: (settings: Settings | null) => void;
}

/** What cloud-init is to set up in the clone, where it is asked to. */
export function FirstSettings({ settings, errors, set }: Props) {
  return (
    <>
      <Checkbox
        id="clone-settings"
        label={t('First settings by cloud-init')}
        description={t('User, keys, host name and network, read once by a guest that has cloud-init.')}
        isChecked={settings !== null}
        onChange={(_, on) => set(on ? NO_SETTINGS : null)}
      />
      {settings ? <FirstSettingsFields at="/cloud_init" settings={settings} errors={errors} set={(change) => set({ ...settings, ...change })} /> : null}
    </>
  );
}
