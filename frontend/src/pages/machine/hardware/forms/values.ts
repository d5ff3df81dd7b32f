import type { components } from '../../../../api/schema';
import { t } from '../../../../util/i18n';
import { sizeFault } from '../../../../util/units';

export type FormView = components['schemas']['Form'];
export type FormField = components['schemas']['FormField'];

/** What stands in the fields: texts as typed, also for numbers; groups and lists nested. */
export type Values = Record<string, unknown>;

/** The part of the values that a form field holds for an existing value, or its default for a new one. */
export function startOf(fields: FormField[], from: Values | null): Values {
  return Object.fromEntries(fields.map((field) => [field.name, startValue(field, from ? from[field.name] : field.default)]));
}

function startValue(field: FormField, value: unknown): unknown {
  switch (field.control) {
    case 'group':
      return startOf(field.fields, (value as Values | null) ?? (value === undefined ? null : {}));
    case 'list':
      return ((value as unknown[] | null) ?? []).map((entry) => (field.fields.length > 0 ? startOf(field.fields, entry as Values) : String(entry)));
    case 'flag':
      return value === true;
    case 'boolean':
      return value ?? null;
    case 'secret':
      return null;
    default:
      return value === null || value === undefined ? '' : String(value);
  }
}

/** A new entry of a list. */
export const emptyEntry = (field: FormField): unknown => (field.fields.length > 0 ? startOf(field.fields, {}) : '');

/** Whether the value stands beside this one without which it makes no sense. Inner names have the outer one before them. */
export function met(field: Pick<FormField, 'when'>, values: Values, outer: Values = {}): boolean {
  if (!field.when) return true;
  const [name = '', words] = field.when.split('=');
  const value = inside(values, name) ?? inside(outer, name);
  if (words === undefined) return Array.isArray(value) ? value.length > 0 : !!value;
  return words.split(',').includes(value === true ? 'yes' : value === false ? 'no' : String(value));
}

function inside(values: Values, name: string): unknown {
  return name.split('.').reduce<unknown>((at, step) => (at as Values | null)?.[step], values);
}

/** What the API takes: null where a field is empty; what makes no sense beside the rest is left out. */
export function bodyOf(fields: FormField[], values: Values, outer: Values = {}): Values {
  const around = { ...outer, ...values };
  const asked = fields.filter((field) => met(field, values, outer) && field.name in values);
  return Object.fromEntries(asked.map((field) => [field.name, bodyValue(field, values[field.name], around)]));
}

function bodyValue(field: FormField, value: unknown, around: Values): unknown {
  switch (field.control) {
    case 'group':
      return value === null ? null : bodyOf(field.fields, value as Values, around);
    case 'list':
      return (value as unknown[]).map((entry) => (field.fields.length > 0 ? withoutEmpty(bodyOf(field.fields, entry as Values, around)) : plain(field, entry, field.numbers)));
    case 'boolean':
    case 'flag':
      return value;
    case 'secret':
      return value === null ? undefined : value || null;
    default:
      return plain(field, value, field.control === 'number');
  }
}

function plain(_field: FormField, value: unknown, number: boolean): unknown {
  const text = String(value).trim();
  if (text === '') return null;
  return number && isWhole(text) ? Number(text) : text;
}

const isWhole = (text: string): boolean => /^-?\d+$/.test(text);

/** Without what was left empty: a new device gets there what libvirt or the server chooses. */
export function withoutEmpty(values: Values): Values {
  const filled = Object.entries(values).map(([name, value]) => [name, isGroup(value) ? withoutEmpty(value) : value] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== null && value !== undefined && value !== false && !isEmpty(value)));
}

const isGroup = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: unknown): boolean => (Array.isArray(value) ? value.length === 0 : isGroup(value) && Object.keys(value).length === 0);

/** The members that differ, inside groups too; a list counts as one. Of `exact` ones an empty value is one that was asked for. */
export function changesOf(before: Values, now: Values, exact: string[] = []): Values {
  const changed = Object.entries(now).flatMap(([name, value]) => {
    const old = before[name];
    if (isGroup(value) && isGroup(old)) {
      const inner = changesOf(old, value);
      return Object.keys(inner).length > 0 ? [[name, inner] as const] : [];
    }
    const same = value === undefined || JSON.stringify(value) === JSON.stringify(old) || (old === undefined && isNothing(value) && !exact.includes(name));
    return same ? [] : [[name, value] as const];
  });
  return Object.fromEntries(changed);
}

const isNothing = (value: unknown): boolean => value === null || value === false || isEmpty(value) || (isGroup(value) && Object.values(value).every(isNothing));

/** What is wrong before the server need be asked, by the field's pointer. */
export function faultsOf(fields: FormField[], values: Values, base = '', outer: Values = {}): [string, string][] {
  const around = { ...outer, ...values };
  return fields.flatMap((field): [string, string][] => {
    const pointer = `${base}/${field.name}`;
    const value = values[field.name];
    if (value === undefined || !met(field, values, outer)) return [];
    // A group in which nothing is said is left out, whatever it would need.
    if (field.control === 'group') return value === null || (!field.needed && isBlank(value)) ? [] : faultsOf(field.fields, value as Values, pointer, around);
    if (field.control === 'list') return (value as unknown[]).flatMap((entry, index) => entryFaults(field, entry, `${pointer}/${index}`, around));
    const fault = fieldFault(field, value);
    return fault ? [[pointer, fault]] : [];
  });
}

/** Whether nothing is said in it. */
export const isBlank = (value: unknown): boolean => value === '' || isNothing(value) || (isGroup(value) && Object.values(value).every(isBlank));

function entryFaults(field: FormField, entry: unknown, pointer: string, around: Values): [string, string][] {
  if (field.fields.length > 0) return faultsOf(field.fields, entry as Values, pointer, around);
  const fault = fieldFault({ ...field, control: field.numbers ? 'number' : 'text', needed: true }, entry);
  return fault ? [[pointer, fault]] : [];
}

function fieldFault(field: FormField, value: unknown): string | null {
  const text = String(value ?? '').trim();
  const title = field.title;
  if (text === '') return field.needed && field.control !== 'secret' ? t('{{title}} is needed.', { title }) : null;
  if (field.control === 'number') return numberFault(field, text);
  if (field.control === 'text' && field.pattern && !new RegExp(field.pattern).test(text)) return t('{{title}} must be {{rule}}.', { title, rule: field.rule });
  return null;
}

function numberFault({ title, minimum, maximum, unit }: FormField, text: string): string | null {
  const value = Number(text);
  const least = minimum ?? 0;
  if (isWhole(text) && value >= least && (maximum === null || value <= maximum)) return null;
  const fault = isWhole(text) ? null : unit === 'MiB' ? sizeFault(value) : undefined;
  if (fault) return fault;
  const limits = { title, least, unit: unit ? ` ${unit}` : '' };
  if (maximum === null) return t('{{title}} must be a whole number of at least {{least}}{{unit}}.', limits);
  return t('{{title}} must be a whole number from {{least}} to {{most}}{{unit}}.', { ...limits, most: maximum });
}

/** The pointers whose errors the fields show; those of entries lie below the list's. */
export function pointersOf(fields: FormField[], base = ''): string[] {
  return fields.flatMap((field) => [`${base}/${field.name}`, ...(field.control === 'group' ? pointersOf(field.fields, `${base}/${field.name}`) : [])]);
}
