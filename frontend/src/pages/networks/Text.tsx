import { TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import type { Settings } from './settings';

interface Props {
  name: keyof Settings & string;
  label: string;
  settings: Settings;
  set: (changes: Partial<Settings>) => void;
  error: (pointer: string) => string | undefined;
  help?: string;
  required?: boolean;
  disabled?: boolean;
  number?: boolean;
  /** Words that are offered while typing. */
  known?: string[];
}

/** One word or number of a network. */
export function Text({ name, label, settings, set, error, help, required, disabled, number, known }: Props) {
  const id = `network-${name}`;
  const value = settings[name];
  const wrong = error(`/${name}`);
  const type = (text: string) => set({ [name]: text === '' && !required ? null : number && /^\d+$/.test(text) ? Number(text) : text } as Partial<Settings>);
  return (
    <Field id={id} label={label} isRequired={!!required} error={wrong} help={help}>
      <TextInput
        id={id}
        aria-describedby={`${id}-help`}
        isDisabled={!!disabled}
        autoFocus={name === 'name' && !disabled}
        inputMode={number ? 'numeric' : 'text'}
        value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
        {...(known ? { list: `${id}-known` } : {})}
        onChange={(_, text) => type(text)}
      />
      {known ? (
        <datalist id={`${id}-known`}>
          {known.map((word) => (
            <option key={word} value={word} aria-label={word} />
          ))}
        </datalist>
      ) : null}
    </Field>
  );
}
