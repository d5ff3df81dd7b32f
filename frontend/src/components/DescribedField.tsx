import { Checkbox, FormGroup, FormHelperText, FormSelectOption, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { components } from '../api/schema';
import { FormSelect, TextArea, TextInput } from './inputs';
import { t } from '../util/i18n';

type FieldDescription = components['schemas']['PoolField'];
export type FieldValue = string | number | boolean | string[] | null | undefined;

interface Props {
  field: FieldDescription;
  value: FieldValue;
  error?: string | undefined;
  /** Suggestions while typing. */
  list?: string | undefined;
  onChange: (value: FieldValue) => void;
}

/** One field of a form that the server describes. An empty field is null: the server's own default. */
export function DescribedField({ field, value, error, list, onChange }: Props) {
  const id = `field-${field.name}`;
  if (field.kind === 'switch') {
    return <Checkbox id={id} label={field.title} description={error ?? field.help} isChecked={value === true} onChange={(_, on) => onChange(on)} />;
  }
  const validated = error ? 'error' : 'default';
  const described = { id, 'aria-describedby': `${id}-help`, 'aria-required': field.required, validated } as const;
  return (
    <FormGroup label={field.title} fieldId={id} isRequired={field.required}>
      {field.kind === 'choice' ? (
        <FormSelect {...described} value={String(value ?? '')} onChange={(_, next) => onChange(next === '' ? null : next)}>
          {field.required || field.default !== null ? null : <FormSelectOption value="" label={t('As libvirt chooses')} />}
          {field.choices.map((choice) => (
            <FormSelectOption key={choice} value={choice} label={choice} />
          ))}
        </FormSelect>
      ) : field.kind === 'list' ? (
        <TextArea {...described} rows={2} resizeOrientation="vertical" value={Array.isArray(value) ? value.join('\n') : ''} onChange={(_, text) => onChange(text === '' ? null : text.split(/[\s,]+/))} />
      ) : (
        <TextInput
          {...described}
          list={list}
          type={field.kind === 'password' ? 'password' : 'text'}
          autoComplete={field.kind === 'password' ? 'new-password' : 'off'}
          inputMode={field.kind === 'number' ? 'numeric' : 'text'}
          value={value === null || value === undefined ? '' : String(value)}
          onChange={(_, text) => onChange(text === '' ? null : field.kind === 'number' && /^\d+$/.test(text) ? Number(text) : text)}
        />
      )}
      {error || field.help || field.kind === 'list' ? (
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion={!!error}>
            <HelperTextItem variant={error ? 'error' : 'default'}>{error ?? [field.help, field.kind === 'list' ? t('One in each line.') : ''].filter(Boolean).join(' ')}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}
