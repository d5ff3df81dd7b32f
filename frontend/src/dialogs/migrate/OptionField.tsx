import { Checkbox, FormGroup, FormHelperText, FormSelectOption, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { MigrationOption } from '../../api/migration';
import type { FieldError } from '../../api/types';
import { FormSelect, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';

interface OptionProps {
  option: MigrationOption;
  value: unknown;
  /** Values of a choice that cannot be taken now, with why. */
  ruledOut: Record<string, string>;
  errors: FieldError[];
  onChange: (value: boolean | number | string | null) => void;
}

/** One option of a move: what it is, what it means, and why it cannot be set where it does not go with the others. */
export function OptionField({ option, value, ruledOut, errors, onChange }: OptionProps) {
  const id = `migrate-${option.name}`;
  const own = errors.filter((error) => error.pointer === `/${option.name}`);
  const set = (value ?? null) !== option.default;
  // What is set can always be taken back.
  const blocked = set ? null : option.blocked;
  const label = option.unit ? `${option.title}, ${option.unit}` : option.title;
  const about = (
    <FormHelperText>
      <HelperText id={`${id}-help`} isLiveRegion>
        {own.map((error) => (
          <HelperTextItem key={error.detail} variant="error">
            {error.detail}
          </HelperTextItem>
        ))}
        {blocked ? <HelperTextItem variant="indeterminate">{blocked}</HelperTextItem> : null}
        {!blocked && option.description ? <HelperTextItem variant={option.danger && set ? 'warning' : 'default'}>{option.description}</HelperTextItem> : null}
        {blocked
          ? null
          : Object.entries(ruledOut).map(([name, why]) => (
              <HelperTextItem key={name} variant="indeterminate">{`${name}: ${why}`}</HelperTextItem>
            ))}
      </HelperText>
    </FormHelperText>
  );
  if (option.kind === 'switch') {
    return <Checkbox id={id} label={label} description={about} isChecked={value === true} isDisabled={!!blocked} aria-describedby={`${id}-help`} onChange={(_, on) => onChange(on)} />;
  }
  const shared = { id, isDisabled: !!blocked, 'aria-describedby': `${id}-help`, validated: own.length > 0 ? ('error' as const) : ('default' as const) };
  return (
    <FormGroup label={label} fieldId={id}>
      {option.kind === 'choice' ? (
        <FormSelect {...shared} value={value ?? ''} onChange={(_, next) => onChange(next || null)}>
          <FormSelectOption value="" label={t('as usual')} />
          {option.values.map((each) => (
            <FormSelectOption key={each} value={each} label={each} isDisabled={each in ruledOut} />
          ))}
        </FormSelect>
      ) : (
        <TextInput
          {...shared}
          {...(option.kind === 'number' ? { type: 'number', inputMode: 'numeric' } : {})}
          min={0}
          value={(value as string | number | null) ?? ''}
          onChange={(_, text) => onChange(option.kind === 'number' ? wholeNumber(text) : text || null)}
        />
      )}
      {about}
    </FormGroup>
  );
}

function wholeNumber(text: string): number | null {
  const number = Math.round(Number(text));
  return text === '' || !Number.isFinite(number) ? null : number;
}

/** A titled part of the options. */
export function OptionGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="qd-option-group">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}
