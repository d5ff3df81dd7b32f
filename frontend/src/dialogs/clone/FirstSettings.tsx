import { FormGroup } from '@patternfly/react-core';
import { fieldError } from '../../api/problem';
import { Tick } from '../../components/Tick';
import { NO_SETTINGS } from '../../pages/create/cloudInit';
import { FirstSettingsFields } from '../../pages/create/FirstSettingsFields';
import { t } from '../../util/i18n';
import type { CloneParts } from './CloneForm';
import { FieldNote } from './FieldNote';

/** What cloud-init is to set up in the clone, where it is asked to. */
export function FirstSettings({ wish: { settings, template }, problem, set }: CloneParts) {
  const shown = template ? null : settings;
  return (
    <>
      <FormGroup role="group" label={t('In the guest')} fieldId="clone-settings">
        <Tick
          id="clone-settings"
          label={t('First settings by cloud-init')}
          help={t('User, keys, host name and network, read once by a guest that has cloud-init.')}
          reason={template ? t('A template never starts, so nobody reads them: give them to the machines made of it.') : null}
          checked={shown !== null}
          onChange={(on) => set({ settings: on ? NO_SETTINGS : null })}
        />
        <FieldNote error={fieldError(problem, '/cloud_init')} />
      </FormGroup>
      {shown ? <FirstSettingsFields at="/cloud_init" settings={shown} errors={problem?.errors ?? []} set={(change) => set({ settings: { ...shown, ...change } })} /> : null}
    </>
  );
}
