import { Button, Checkbox, ExpandableSection } from '@patternfly/react-core';
import { PlusCircleIcon, TimesIcon } from '@patternfly/react-icons';
import { useState, type ReactNode } from 'react';
import { TextInput } from '../../../../components/inputs';
import { Field } from '../../../../components/Field';
import { SizeInput } from '../../../../components/SizeInput';
import { t } from '../../../../util/i18n';
import { ChoiceField } from './ChoiceField';
import { emptyEntry, isBlank, met, pointersOf, type FormField, type Values } from './values';

/** What the page draws in a way of its own, by the pointer of the field: a list of networks instead of a text. */
export type Controls = Record<string, (props: ControlProps) => ReactNode>;

export interface ControlProps {
  id: string;
  field: FormField;
  value: unknown;
  error: string | undefined;
  /** What is wrong with a member of it, by its name. */
  errorAt: (name: string) => string | undefined;
  isDisabled: boolean;
  /** When it takes effect, in a word; empty where that is no question. */
  when: string;
  onChange: (value: unknown) => void;
  /** What stands beside it, and around that. */
  values: Values;
  outer: Values;
  set: (part: Values) => void;
}

interface Props {
  fields: FormField[];
  values: Values;
  set: (part: Values) => void;
  error: (pointer: string) => string | undefined;
  /** Whether the thing is new: what is asked only once can be given. */
  adding: boolean;
  /** Whether to say at each field when it takes effect. */
  running: boolean;
  controls?: Controls;
  base?: string;
  outer?: Values;
}

/** The fields of a declared form, in their order; those that make no sense beside the others are left out. */
export function FormFields(props: Props) {
  const { fields, values, outer = {} } = props;
  return fields.filter((field) => met(field, values, outer)).map((field) => <OneField key={field.name} {...props} field={field} />);
}

function OneField(props: Props & { field: FormField }) {
  const { field, values, set, error, adding, running, controls = {}, base = '', outer } = props;
  const pointer = `${base}/${field.name}`;
  const inner = { ...props, base: pointer, outer: { ...outer, ...values } };
  const onChange = (value: unknown) => set({ [field.name]: value });
  const control: ControlProps = {
    id: pointer.slice(1).replaceAll('/', '-'),
    field,
    value: values[field.name],
    error: error(pointer),
    errorAt: (name) => error(`${pointer}/${name}`),
    isDisabled: (field.once && !adding) || field.reason !== null,
    when: running && !(field.once && !adding) ? (field.apply === 'live' ? t('now') : t('at the next start')) : '',
    onChange,
    values,
    outer: outer ?? {},
    set,
  };
  const own = controls[pointer.replace(/\/\d+(?=\/)/g, '/*')];
  if (own) return <>{own(control)}</>;
  if (field.control === 'group') return <GroupField {...inner} group={control} />;
  if (field.control === 'list') return <ListField {...inner} list={control} />;
  return <PlainField {...control} />;
}

/** What a choice means, with libvirt's word for it. */
const wordsOf = ({ title, value }: FormField['choices'][number]): string => (title ? `${title} (${value})` : value);

/** What is said below a field: its help, or why it cannot be changed. */
function helpOf({ field, isDisabled }: ControlProps): string {
  return isDisabled ? (field.reason ?? t('It was fixed when the device was added.')) : field.help;
}

/** A field that holds one value, as its declaration says. */
export function PlainField(props: ControlProps) {
  const { id, field, value, error, isDisabled, when, onChange } = props;
  const help = helpOf(props);
  const label = field.unit && field.unit !== 'MiB' ? `${field.title} (${field.unit})` : field.title;
  if (field.control === 'flag') {
    return <Checkbox id={id} label={label} description={error ?? help} isChecked={value === true} isDisabled={isDisabled} onChange={(_, on) => onChange(on)} />;
  }
  if (field.control === 'choice' || field.control === 'boolean') {
    const choices =
      field.control === 'choice'
        ? field.choices.map((choice) => ({ value: choice.value, label: [wordsOf(choice), choice.reason].filter(Boolean).join(': '), disabled: choice.reason !== null }))
        : [
            { value: 'yes', label: t('yes') },
            { value: 'no', label: t('no') },
          ];
    return (
      <ChoiceField
        id={id}
        label={label}
        help={help}
        info={when}
        error={error}
        isDisabled={isDisabled}
        value={value === true ? 'yes' : value === false ? 'no' : (value as string | null)}
        empty={t('libvirt decides')}
        choices={choices}
        onChange={(next) => onChange(field.control === 'choice' ? (next ?? '') : next === null ? null : next === 'yes')}
      />
    );
  }
  if (field.control === 'secret') return <SecretField {...props} />;
  return (
    <Field id={id} label={label} help={help} info={when} error={error} isRequired={field.needed}>
      {field.unit === 'MiB' ? (
        <SizeInput id={id} label={label} mib={value === '' ? null : Number(value)} isDisabled={isDisabled} invalid={!!error} onChange={(mib) => onChange(mib === null ? '' : String(mib))} />
      ) : (
        <TextInput
          id={id}
          value={String(value ?? '')}
          isDisabled={isDisabled}
          {...(field.choices.length > 0 ? { list: `${id}-known`, autoComplete: 'off' } : {})}
          {...(field.control === 'number' ? { inputMode: 'numeric' as const } : {})}
          aria-describedby={`${id}-help`}
          validated={error ? 'error' : 'default'}
          onChange={(_, text) => onChange(text)}
        />
      )}
      {field.choices.length > 0 ? (
        <datalist id={`${id}-known`}>
          {field.choices.map((choice) => (
            <option key={choice.value} value={choice.value} />
          ))}
        </datalist>
      ) : null}
    </Field>
  );
}

/** A secret is never shown, only that it is set; null leaves it as it is. */
function SecretField({ id, field, value, error, when, onChange }: ControlProps) {
  return (
    <>
      <Checkbox id={`${id}-set`} label={t('Set: {{title}}', { title: field.title.toLowerCase() })} isChecked={value !== null} onChange={(_, on) => onChange(on ? '' : null)} />
      {value === null ? null : (
        <Field id={id} label={field.title} help={field.help} info={when} error={error}>
          <TextInput
            id={id}
            type="password"
            autoComplete="new-password"
            {...(field.maximum !== null ? { maxLength: field.maximum } : {})}
            value={String(value)}
            aria-describedby={`${id}-help`}
            validated={error ? 'error' : 'default'}
            onChange={(_, text) => onChange(text)}
          />
        </Field>
      )}
    </>
  );
}

/** A group of more values than these, of which each is for few, is folded as a whole. */
const FEW = 4;

function GroupField({ group, ...props }: Props & { group: ControlProps }) {
  const { field, value, error, onChange } = group;
  const values = (value ?? {}) as Values;
  const whole = field.advanced && field.fields.length > FEW && field.fields.every((one) => !one.advanced);
  const [open, setOpen] = useState(whole && !isBlank(values));
  const set = (part: Values) => onChange({ ...values, ...part });
  const [only, ...others] = field.fields;
  if (only?.control === 'list' && others.length === 0) return <FormFields {...props} fields={[{ ...only, title: field.title }]} values={values} set={set} />;
  const simple = field.fields.filter((one) => !one.advanced);
  const more = whole ? field.fields : field.fields.filter((one) => one.advanced);
  const first = whole ? [] : simple.length > 0 ? simple : more;
  const short = (fields: FormField[]) => (fields.every((one) => one.control === 'number') ? 'qd-fields qd-numbers' : 'qd-fields');
  const folds = simple.length > 0 && more.some((one) => met(one, values, { ...props.outer }));
  const wrong = pointersOf(more, props.base).some((pointer) => props.error(pointer));
  return (
    <fieldset className="qd-group">
      <legend className={whole || first[0]?.title === field.title ? 'pf-v6-screen-reader' : undefined}>{field.title}</legend>
      {error ? <p className="qd-field-error">{error}</p> : null}
      {first.length > 0 ? (
        <div className={short(first)}>
          <FormFields {...props} fields={first} values={values} set={set} />
        </div>
      ) : null}
      {folds ? (
        <ExpandableSection
          isExpanded={open || wrong}
          isIndented
          onToggle={(_, next) => setOpen(next)}
          toggleText={whole ? field.title : t('More of: {{title}}', { title: field.title })}
        >
          <div className={short(more)}>
            <FormFields {...props} fields={more} values={values} set={set} />
          </div>
        </ExpandableSection>
      ) : null}
    </fieldset>
  );
}

/** Entries are changed together, so only the list says when. */
function ListField({ list, ...props }: Props & { list: ControlProps }) {
  const { id, field, value, error, when, isDisabled, onChange } = list;
  const entries = (value ?? []) as unknown[];
  const put = (index: number, entry: unknown) => onChange(entries.map((old, at) => (at === index ? entry : old)));
  const remove = (index: number) => onChange(entries.filter((_, at) => at !== index));
  const name = (index: number) => `${field.title} ${index + 1}`;
  return (
    <fieldset className="qd-group">
      <legend>
        {field.title} {when ? <span className="qd-when">{when}</span> : null}
      </legend>
      {error || helpOf(list) ? <p className={error ? 'qd-field-error' : 'qd-dim'}>{error ?? helpOf(list)}</p> : null}
      {entries.map((entry, index) => (
        <div key={index} className="qd-entry" {...(field.fields.length > 0 ? { role: 'group', 'aria-label': name(index) } : {})}>
          <div className="qd-fields">
            {field.fields.length > 0 ? (
              <FormFields {...props} running={false} base={`${props.base}/${index}`} fields={field.fields} values={entry as Values} set={(part) => put(index, { ...(entry as Values), ...part })} />
            ) : (
              <EntryField label={name(index)} id={`${id}-${index}`} value={String(entry)} error={props.error(`${props.base}/${index}`)} onChange={(text) => put(index, text)} />
            )}
          </div>
          <Button variant="plain" icon={<TimesIcon />} aria-label={t('Remove: {{title}}', { title: name(index) })} onClick={() => remove(index)} />
        </div>
      ))}
      <Button variant="link" isInline icon={<PlusCircleIcon />} isDisabled={isDisabled} aria-label={t('Add: {{title}}', { title: field.title })} onClick={() => onChange([...entries, emptyEntry(field)])}>
        {t('Add')}
      </Button>
    </fieldset>
  );
}

function EntryField({ id, label, value, error, onChange }: { id: string; label: string; value: string; error: string | undefined; onChange: (text: string) => void }) {
  return (
    <Field id={id} label={label} error={error}>
      <TextInput id={id} value={value} aria-describedby={`${id}-help`} validated={error ? 'error' : 'default'} onChange={(_, text) => onChange(text)} />
    </Field>
  );
}
