import { Radio } from '@patternfly/react-core';
import { t } from '../../../util/i18n';
import type { Apply } from '../change';

/** When a change of a running machine is to be made. */
export function ApplyChoice({ apply, onChange, noLive = false }: { apply: Apply; onChange: (apply: Apply) => void; noLive?: boolean }) {
  const chosen = noLive && apply === 'live' ? 'both' : apply;
  const radio = (value: Apply, label: string, description?: string) => (
    <Radio id={`apply-${value}`} name="apply" label={label} description={description} isDisabled={!!description} isChecked={chosen === value} onChange={() => onChange(value)} />
  );
  return (
    <fieldset className="qd-apply">
      <legend>{t('Change')}</legend>
      {radio('both', t('now and for the next start'))}
      {radio('live', t('now only'), noLive ? t('What was written as XML is saved: it is the saved definition.') : undefined)}
      {radio('next_start', t('for the next start only'))}
    </fieldset>
  );
}
