import type { Device, Domain } from '../../../../api/types';
import { isOn, valueOf } from '../values';
import type { AnyForm, FieldsProps } from './form';
import { FormFields, type Controls } from './FormFields';
import { bodyOf, changesOf, faultsOf, pointersOf, startOf, withoutEmpty, type FormField, type FormView, type Values } from './values';

/** What a form has besides its declared fields: members of the body that are no values of the device. */
export interface Special {
  start?: (device: Device | null, domain: Domain, declared: Values) => Values;
  body?: (values: Values, device: Device | null) => Values;
  missing?: (values: Values, device: Device | null) => string | null;
  /** What is wrong between fields, by the pointer of the field that says so. */
  faults?: (values: Values) => [string, string][];
  pointers?: string[];
  /** Declared fields that it draws itself. */
  hides?: string[];
  Fields?: (props: FieldsProps<Values>) => React.ReactNode;
}

interface Own {
  controls?: Controls;
  special?: Special;
  /** Groups that are sent whole when anything in them changes. */
  whole?: string[];
}

/** A form made from its declaration, with what the page draws in a way of its own. Settings begin with what is saved. */
export function declared(view: FormView, { controls = {}, special = {}, whole = [] }: Own = {}): AnyForm {
  const settings = view.type === 'settings';
  const asked = (device: Device | null): FormField[] => (device ? view.fields.filter((field) => !field.once) : view.fields);
  const drawn = view.fields.filter((field) => !special.hides?.includes(field.name));
  const checked = (device: Device | null) => asked(device).filter((field) => drawn.includes(field));
  const faults = (values: Values, device: Device | null) => [...faultsOf(checked(device), values), ...(special.faults?.(values) ?? [])];
  const part = (advanced: boolean) =>
    function Part({ domain, device, value, set, error }: FieldsProps<Values>) {
      const adding = !settings && device === null;
      const shown = { error: withFaults(faults(value, device), value, adding, error), adding, running: !adding && isOn(domain), controls };
      return drawn.map((field) =>
        isFlat(view, field) ? (
          <FormFields
            key={field.name}
            {...shown}
            fields={field.fields.filter((one) => one.advanced === advanced)}
            base={`/${field.name}`}
            values={value[field.name] as Values}
            outer={value}
            set={(change) => set({ [field.name]: { ...(value[field.name] as Values), ...change } })}
          />
        ) : field.advanced === advanced ? (
          <FormFields key={field.name} {...shown} fields={[field]} values={value} set={set} />
        ) : null,
      );
    };
  const Simple = part(false);
  const own = (special.pointers ?? []).map((pointer) => pointer.slice(1));
  return {
    id: view.id,
    title: () => view.title,
    ...(settings ? { section: view.id } : {}),
    adds: view.adds,
    fixed: !special.Fields && view.fields.every((field) => field.once),
    start: (domain, device) => {
      const values = startOf(view.fields, settings ? (domain as unknown as Values) : device ? (valueOf(device) as Values) : null);
      return { ...values, ...(special.start?.(device, domain, values) ?? {}) };
    },
    body: (values: Values, device) => {
      const more = special.body?.(values, device) ?? {};
      const body = bodyOf(asked(device), values);
      return settings || device ? { ...body, ...more } : { type: view.type, ...withoutEmpty(body), ...more };
    },
    changes: (before: Values, now: Values) => {
      const changes = changesOf(before, now, own);
      const all = whole.filter((name) => name in changes).map((name) => [name, withoutEmpty(now[name] as Values)]);
      return { ...changes, ...(Object.fromEntries(all) as Values) };
    },
    missing: (values: Values, device) => faults(values, device)[0]?.[1] ?? special.missing?.(values, device) ?? null,
    pointers: [...pointersOf(view.fields), ...(special.pointers ?? [])],
    Basic: (props: FieldsProps<Values>) => (
      <>
        {special.Fields ? <special.Fields {...props} /> : null}
        <Simple {...props} />
      </>
    ),
    ...(hasAdvanced(view, drawn) ? { Advanced: part(true), folded: drawn.flatMap((field) => foldedOf(view, field)) } : {}),
  };
}

/** A section's group of the same name needs no frame within the dialog, which has that name already. */
const isFlat = (view: FormView, field: FormField): boolean => view.type === 'settings' && (field.name === view.id || field.title === view.title) && field.control === 'group';

const foldedOf = (view: FormView, field: FormField): string[] =>
  isFlat(view, field) ? field.fields.filter((one) => one.advanced).map((one) => `/${field.name}/${one.name}`) : field.advanced ? [`/${field.name}`] : [];

const hasAdvanced = (view: FormView, drawn: FormField[]): boolean => drawn.some((field) => (isFlat(view, field) ? field.fields.some((one) => one.advanced) : field.advanced));

/** What the page sees by itself stands at its field before the server says so. */
export function withFaults(all: [string, string][], values: Values, adding: boolean, error: (pointer: string) => string | undefined) {
  // A field that nobody filled in yet is not scolded: all of a new thing, and those of a new entry.
  const typed = new Map(all.filter(([pointer]) => !isEmptyAt(values, pointer) || !(adding || /\/\d+\//.test(pointer))));
  return (pointer: string) => typed.get(pointer) ?? error(pointer);
}

function isEmptyAt(values: Values, pointer: string): boolean {
  const value = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Values | null)?.[step], values);
  return value === '' || value === null || value === undefined;
}
