import type { Device } from '../../../../api/types';
import { isOn, valueOf } from '../values';
import type { AnyForm, FieldsProps } from './form';
import { FormFields, type Controls } from './FormFields';
import { bodyOf, changesOf, faultsOf, pointersOf, startOf, withoutEmpty, type FormField, type FormView, type Values } from './values';

/** What a form has besides its declared fields: members of the body that are no values of the device. */
export interface Special {
  start: (device: Device | null) => Values;
  body: (values: Values, device: Device | null) => Values;
  missing?: (values: Values, device: Device | null) => string | null;
  pointers: string[];
  /** Declared fields that it draws itself. */
  hides?: string[];
  Fields: (props: FieldsProps<Values>) => React.ReactNode;
}

interface Own {
  controls?: Controls;
  special?: Special;
  /** Groups that are sent whole when anything in them changes. */
  whole?: string[];
}

/** A form made from its declaration, with what the page draws in a way of its own. */
export function declared(view: FormView, { controls = {}, special, whole = [] }: Own = {}): AnyForm {
  const asked = (device: Device | null): FormField[] => (device ? view.fields.filter((field) => !field.once) : view.fields);
  const drawn = view.fields.filter((field) => !special?.hides?.includes(field.name));
  const part = (fields: FormField[]) =>
    function Part({ domain, device, value, set, error }: FieldsProps<Values>) {
      return (
        <FormFields
          fields={fields}
          values={value}
          set={set}
          error={withFaults(drawn, value, error)}
          adding={device === null}
          running={device !== null && isOn(domain)}
          controls={controls}
        />
      );
    };
  const simple = drawn.filter((field) => !field.advanced);
  const advanced = drawn.filter((field) => field.advanced);
  const Simple = part(simple);
  const own = (special?.pointers ?? []).map((pointer) => pointer.slice(1));
  const checked = (device: Device | null) => asked(device).filter((field) => drawn.includes(field));
  return {
    id: view.id,
    title: () => view.title,
    adds: view.adds,
    start: (_, device) => ({ ...startOf(view.fields, device ? (valueOf(device) as Values) : null), ...(special?.start(device) ?? {}) }),
    body: (values: Values, device) => {
      const more = special?.body(values, device) ?? {};
      const body = bodyOf(asked(device), values);
      return device ? { ...body, ...more } : { type: view.type, ...withoutEmpty(body), ...more };
    },
    changes: (before: Values, now: Values) => {
      const changes = changesOf(before, now, own);
      const all = whole.filter((name) => name in changes).map((name) => [name, withoutEmpty(now[name] as Values)]);
      return { ...changes, ...(Object.fromEntries(all) as Values) };
    },
    missing: (values: Values, device) => faultsOf(checked(device), values)[0]?.[1] ?? special?.missing?.(values, device) ?? null,
    pointers: [...pointersOf(view.fields), ...(special?.pointers ?? [])],
    Basic: (props: FieldsProps<Values>) => (
      <>
        {special ? <special.Fields {...props} /> : null}
        <Simple {...props} />
      </>
    ),
    ...(advanced.length > 0 ? { Advanced: part(advanced) } : {}),
  };
}

/** What the page sees by itself stands at its field before the server says so. */
function withFaults(fields: FormField[], values: Values, error: (pointer: string) => string | undefined) {
  const faults = new Map(faultsOf(fields, values).filter(([, fault]) => fault));
  const typed = new Map([...faults].filter(([pointer]) => !isEmptyAt(values, pointer)));
  return (pointer: string) => typed.get(pointer) ?? error(pointer);
}

/** A field that nobody filled in yet is not scolded. */
function isEmptyAt(values: Values, pointer: string): boolean {
  const value = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Values | null)?.[step], values);
  return value === '' || value === null || value === undefined;
}
