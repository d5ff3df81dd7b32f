import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { FieldError } from '../../api/types';

interface OptionProps {
  /** Name in the API, by which faults are told. */
  name: string;
  label?: string;
  help?: string;
  errors: FieldError[];
  children: ReactNode;
}

/** An option with the server's words about it. */
export function OptionField({ name, label, help, errors, children }: OptionProps) {
  const own = errors.filter((error) => error.pointer === `/${name}`);
  const words = (
    <FormHelperText>
      <HelperText isLiveRegion>
        {own.map((error) => (
          <HelperTextItem key={error.detail} variant="error">
            {error.detail}
          </HelperTextItem>
        ))}
        {help ? <HelperTextItem>{help}</HelperTextItem> : null}
      </HelperText>
    </FormHelperText>
  );
  const shown = own.length > 0 || help ? words : null;
  if (!label) {
    return (
      <div>
        {children}
        {shown}
      </div>
    );
  }
  return (
    <FormGroup label={label} fieldId={`migrate-${name}`}>
      {children}
      {shown}
    </FormGroup>
  );
}

interface NumberProps {
  name: string;
  label: string;
  /** What an empty field means. */
  none: string;
  value: number | null;
  errors: FieldError[];
  onChange: (value: number | null) => void;
}

/** A whole number that may be left out. */
export function NumberField({ name, label, none, value, errors, onChange }: NumberProps) {
  return (
    <OptionField name={name} label={label} errors={errors}>
      <TextInput
        id={`migrate-${name}`}
        type="number"
        min={1}
        placeholder={none}
        value={value ?? ''}
        onChange={(_, text) => onChange(text === '' || !(Number(text) > 0) ? null : Math.round(Number(text)))}
      />
    </OptionField>
  );
}
