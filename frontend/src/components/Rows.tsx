import { Button } from '@patternfly/react-core';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { useId } from 'react';
import { t } from '../util/i18n';
import { TextInput } from './inputs';

interface Column<T> {
  name: keyof T & string;
  label: string;
  /** `number`: a whole number; `list`: words divided by spaces or commas. */
  kind?: 'text' | 'number' | 'list';
  placeholder?: string;
}

interface Props<T> {
  /** What the rows are, for the heading and for screen readers. */
  label: string;
  /** One of them, for the button that adds one. */
  one: string;
  columns: Column<T>[];
  rows: readonly T[];
  /** What is wrong with a cell: its row and column, as a JSON pointer behind that of the list. */
  error: (pointer: string) => string | undefined;
  /** What is typed stands in them as it is, until the server says what is wrong with it. */
  onRows: (rows: T[]) => void;
}

/** A list of small things that are typed in: one line each, with a button to add and to remove. */
export function Rows<T extends object>({ label, one, columns, rows, error, onRows }: Props<T>) {
  const id = useId();
  const set = (number: number, name: string, value: unknown) => onRows(rows.map((row, at) => (at === number ? { ...row, [name]: value } : row)));
  return (
    <fieldset className="qd-rows">
      <legend>{label}</legend>
      {rows.map((row, number) => {
        const whole = error(`/${number}`);
        const cells = columns.map(({ name }) => cellError(row[name], `/${number}/${name}`, error));
        const wrong = [whole, ...columns.map(({ label: column }, place) => cells[place] && t('{{column}}: {{wrong}}', { column, wrong: cells[place] }))].filter(Boolean);
        return (
          <div key={number}>
            <div className="qd-rows-line">
              {columns.map((column, place) => (
                <div key={column.name}>
                  <span aria-hidden>{column.label}</span>
                  <TextInput
                    aria-label={`${one} ${number + 1}: ${column.label}`}
                    {...(column.placeholder ? { placeholder: column.placeholder } : {})}
                    {...(cells[place] ?? whole ? { validated: 'error', 'aria-describedby': `${id}-${number}` } : {})}
                    value={shown(row[column.name])}
                    onChange={(_, text) => set(number, column.name, typed(text, column.kind))}
                  />
                </div>
              ))}
              <Button variant="plain" icon={<TrashIcon />} aria-label={t('Remove {{one}} {{number}}', { one, number: number + 1 })} onClick={() => onRows(rows.filter((_, at) => at !== number))} />
            </div>
            {wrong.length > 0 ? (
              <p className="qd-rows-wrong" role="alert" id={`${id}-${number}`}>
                {wrong.join(' ')}
              </p>
            ) : null}
          </div>
        );
      })}
      <Button variant="link" isInline onClick={() => onRows([...rows, {} as T])}>
        {t('Add {{one}}', { one })}
      </Button>
    </fieldset>
  );
}

/** What is wrong with a cell, or with one of the words that stand in it. */
function cellError(value: unknown, pointer: string, error: (pointer: string) => string | undefined): string | undefined {
  const words = Array.isArray(value) ? value.map((_, place) => error(`${pointer}/${place}`)) : [];
  return error(pointer) ?? words.find(Boolean);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function typed(text: string, kind: Column<object>['kind']): unknown {
  if (kind === 'list') return text.split(/[,\s]/);
  if (text === '') return null;
  return kind === 'number' && /^\d+$/.test(text) ? Number(text) : text;
}
