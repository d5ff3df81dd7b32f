import { FormSelectOption } from '@patternfly/react-core';
import { FormSelect } from '../../../../components/inputs';
import { Field, type FieldProps } from '../../../../components/Field';
import { t } from '../../../../util/i18n';

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

interface ChoiceProps extends Omit<FieldProps, 'children'> {
  value: string | null;
  choices: Choice[];
  /** What an empty choice is called; leave out where there is none. */
  empty?: string;
  isDisabled?: boolean;
  onChange: (value: string | null) => void;
}

/** One of several words. A value that is not among them (set by other tools) stays choosable. */
export function ChoiceField({ id, label, help, info, error, value, choices, empty, isDisabled, onChange }: ChoiceProps) {
  const known = value === null || value === '' || choices.some((choice) => choice.value === value);
  return (
    <Field id={id} label={label} help={help} info={info} error={error}>
      <FormSelect
        id={id}
        value={value ?? ''}
        validated={error ? 'error' : 'default'}
        aria-describedby={`${id}-help`}
        isDisabled={isDisabled}
        onChange={(_, next) => onChange(next === '' ? null : next)}
      >
        {empty !== undefined ? <FormSelectOption key="" value="" label={empty} /> : null}
        {known ? null : <FormSelectOption value={value} label={t('{{value}} (as it is)', { value: value ?? '' })} />}
        {choices.map((choice) => (
          <FormSelectOption key={choice.value} value={choice.value} label={choice.label} isDisabled={choice.disabled} />
        ))}
      </FormSelect>
    </Field>
  );
}

/** Words that need no translation as choices. */
export const words = (...values: string[]): Choice[] => values.map((value) => ({ value, label: value }));
