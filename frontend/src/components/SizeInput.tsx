import { InputGroup, InputGroupItem, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import { t } from '../util/i18n';

const FACTOR = { MiB: 1, GiB: 1024, TiB: 1024 ** 2 } as const;
type Unit = keyof typeof FACTOR;

interface Props {
  id: string;
  /** For screen readers; the visible label is the form group's. */
  label: string;
  mib: number | null;
  onChange: (mib: number | null) => void;
  isDisabled?: boolean;
  invalid?: boolean;
}

/** A size with its unit; the value is in MiB whatever unit is shown. Null while the field holds no number. */
export function SizeInput({ id, label, mib, onChange, isDisabled, invalid }: Props) {
  const [unit, setUnit] = useState<Unit>(() => bestUnit(mib));
  const [text, setText] = useState(() => (mib === null ? '' : String(mib / FACTOR[unit])));
  // A value that somebody else set replaces what stands in the field; our own typing does not.
  const shown = toMib(text, unit) === mib ? text : mib === null ? '' : String(mib / FACTOR[unit]);
  const type = (next: string) => {
    setText(next);
    onChange(toMib(next, unit));
  };
  return (
    <InputGroup>
      <InputGroupItem isFill>
        <TextInput
          id={id}
          aria-label={label}
          inputMode="decimal"
          value={mib === null ? text : shown}
          onChange={(_, next) => type(next)}
          isDisabled={isDisabled}
          validated={invalid ? 'error' : 'default'}
        />
      </InputGroupItem>
      <InputGroupItem>
        <FormSelect
          aria-label={t('Unit of {{field}}', { field: label })}
          value={unit}
          isDisabled={isDisabled}
          onChange={(_, next) => {
            setUnit(next as Unit);
            onChange(toMib(shown, next as Unit));
            setText(shown);
          }}
        >
          {Object.keys(FACTOR).map((name) => (
            <FormSelectOption key={name} value={name} label={name} />
          ))}
        </FormSelect>
      </InputGroupItem>
    </InputGroup>
  );
}

function toMib(text: string, unit: Unit): number | null {
  const value = Number(text.replace(',', '.'));
  return text.trim() === '' || !Number.isFinite(value) || value < 0 ? null : Math.round(value * FACTOR[unit]);
}

function bestUnit(mib: number | null): Unit {
  if (mib === null || mib % 1024 !== 0 || mib === 0) return mib === null || mib === 0 ? 'GiB' : 'MiB';
  return mib % FACTOR.TiB === 0 ? 'TiB' : 'GiB';
}
