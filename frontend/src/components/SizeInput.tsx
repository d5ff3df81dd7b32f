import { InputGroup, InputGroupItem, FormSelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import { FormSelect, TextInput } from './inputs';
import { t } from '../util/i18n';
import { sizeFault } from '../util/units';

const FACTOR = { MiB: 1, GiB: 1024, TiB: 1024 ** 2 } as const;
type Unit = keyof typeof FACTOR;

interface Props {
  id: string;
  /** For screen readers; the visible label is the form group's. */
  label: string;
  mib: number | null;
  /** NaN while what stands there is no size. */
  onChange: (mib: number | null) => void;
  isDisabled?: boolean;
  invalid?: boolean;
}

/** A size with its unit; the value is in MiB whatever unit is shown. Null while the field is empty. */
export function SizeInput({ id, label, mib, onChange, isDisabled, invalid }: Props) {
  const [unit, setUnit] = useState<Unit>(() => bestUnit(mib));
  const [text, setText] = useState(() => (mib === null ? '' : String(mib / FACTOR[unit])));
  // A value that somebody else set replaces what stands in the field; our own typing does not.
  const shown = Object.is(toMib(text, unit), mib) ? text : mib === null ? '' : String(mib / FACTOR[unit]);
  const type = (next: string) => {
    setText(next);
    onChange(toMib(next, unit));
  };
  return (
    <InputGroup className="qd-size">
      <InputGroupItem isFill>
        <TextInput
          id={id}
          aria-label={label}
          inputMode="decimal"
          value={shown}
          onChange={(_, next) => type(next)}
          isDisabled={isDisabled}
          {...(invalid || sizeFault(mib) ? { validated: 'error' } : {})}
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
  if (text.trim() === '') return null;
  return Number.isFinite(value) && value >= 0 ? Math.round(value * FACTOR[unit]) : NaN;
}

function bestUnit(mib: number | null): Unit {
  if (mib === null || mib % 1024 !== 0 || mib === 0) return mib === null || mib === 0 ? 'GiB' : 'MiB';
  return mib % FACTOR.TiB === 0 ? 'TiB' : 'GiB';
}
