import { Radio } from '@patternfly/react-core';
import { t } from '../../../util/i18n';
import type { Apply } from '../change';

/** When a change of a running machine is to be made. */
export function ApplyChoice({ apply, onChange }: { apply: Apply; onChange: (apply: Apply) => void }) {
  const radio = (value: Apply, label: string) => (
    <Radio id={`apply-${value}`} name="apply" label={label} isChecked={apply === value} onChange={() => onChange(value)} />
  );
  return (
    <fieldset className="qd-apply">
      <legend>{t('Change')}</legend>
      {radio('both', t('now and for the next start'))}
      {radio('live', t('now only'))}
      {radio('next_start', t('for the next start only'))}
    </fieldset>
  );
}
