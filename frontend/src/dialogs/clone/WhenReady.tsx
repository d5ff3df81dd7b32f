import { FormGroup } from '@patternfly/react-core';
import { fieldError } from '../../api/problem';
import { Tick } from '../../components/Tick';
import { t } from '../../util/i18n';
import type { CloneParts } from './CloneForm';
import { FieldNote } from './FieldNote';

/** What becomes of the clone once it is made: a template, or a machine that may be started at once. */
export function WhenReady({ wish, problem, set }: CloneParts) {
  return (
    <FormGroup role="group" label={t('When it is ready')} fieldId="clone-template">
      <Tick id="clone-template" label={t('Keep it as a template')} help={t('It is not started; others are cloned from it.')} checked={wish.template} onChange={(template) => set({ template })} />
      <Tick id="clone-start" label={t('Start it')} reason={wish.template ? t('A template is not started.') : null} checked={wish.start} onChange={(start) => set({ start })} />
      <FieldNote error={fieldError(problem, '/start')} />
    </FormGroup>
  );
}
