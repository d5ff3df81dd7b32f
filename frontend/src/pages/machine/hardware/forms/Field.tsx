import { FormGroup, FormHelperText, FormSelect, FormSelectOption, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { t } from '../../../../util/i18n';

interface Props {
  id: string;
  label: string;
  help?: ReactNode;
  /** A word beside the label, such as when a change takes effect. */
  info?: string | undefined;
  error?: string | undefined;
  isRequired?: boolean;
  children: ReactNode;
}

/** A labelled field with its help, or what is wrong with it. */
export function Field({ id, label, help, info, error, isRequired = false, children }: Props) {
  return (
    <FormGroup label={label} labelInfo={info ? <span className="qd-dim">{info}</span> : undefined} fieldId={id} isRequired={isRequired}>
      {children}
      {error || help ? (
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion={!!error}>
            <HelperTextItem variant={error ? 'error' : 'default'}>{error ?? help}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

interface ChoiceProps extends Omit<Props, 'children'> {
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
