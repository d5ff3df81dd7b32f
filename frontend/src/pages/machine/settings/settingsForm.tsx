import type { ReactNode } from 'react';
import type { Domain } from '../../../api/types';
import type { AnyForm, FieldsProps } from '../hardware/forms/form';
import { FormFields, type Controls } from '../hardware/forms/FormFields';
import { bodyOf, changesOf, faultsOf, pointersOf, startOf, type FormField, type FormView, type Values } from '../hardware/forms/values';
import { isOn } from '../hardware/values';
import { ForWindows } from './ForWindows';

/** The form of one section of settings, from its declaration; it begins with what is saved. */
export function settingsForm(view: FormView, controls: Controls): AnyForm {
  const part = (fields: FormField[]) =>
    function Part({ domain, value, set, error }: FieldsProps<Values>) {
      return <FormFields fields={fields} values={value} set={set} error={error} adding={false} running={isOn(domain)} controls={controls} />;
    };
  const simple = view.fields.filter((field) => !field.advanced);
  const advanced = view.fields.filter((field) => field.advanced);
  return {
    id: view.id,
    title: () => view.title,
    adds: false,
    start: (domain: Domain) => startOf(view.fields, domain as unknown as Values),
    body: (values: Values) => bodyOf(view.fields, values),
    changes: (before: Values, now: Values) => changesOf(before, now),
    missing: (values: Values) => faultsOf(view.fields, values)[0]?.[1] ?? null,
    pointers: pointersOf(view.fields),
    Basic: view.id === 'features' ? above(ForWindows, part(simple)) : part(simple),
    ...(advanced.length > 0 ? { Advanced: part(advanced) } : {}),
  };
}

type Part = (props: FieldsProps<Values>) => ReactNode;

const above = (Top: Part, Rest: Part): Part =>
  function Both(props) {
    return (
      <>
        <Top {...props} />
        <Rest {...props} />
      </>
    );
  };

/** What is set in a section, in few words: `Clock: utc`, `Timers: 2`. What libvirt decides is left out. */
export function factsOf(fields: FormField[], values: Values): string[] {
  return fields.flatMap((field) => {
    const value = values[field.name];
    if (value === null || value === undefined || value === '' || value === false) return [];
    if (field.control === 'group') return factsOf(field.fields, value as Values);
    if (Array.isArray(value)) return value.length > 0 ? [`${field.title}: ${value.length}`] : [];
    if (value === true) return [field.title];
    return [`${field.title}: ${String(value)}${field.unit ? ` ${field.unit}` : ''}`];
  });
}
