import type { FieldError } from '../../api/types';
import { isUnder } from '../../api/problem';
import { Field, type FieldProps } from '../../components/Field';

interface Props extends Omit<FieldProps, 'error'> {
  /** Errors of these pointers, and of what lies under them, show here. */
  pointers: string[];
  errors: FieldError[];
  /** What the page itself sees to be wrong. */
  fault?: string | undefined;
}

/** A field that shows the errors of the API at its JSON pointers. */
export function PointedField({ pointers, errors, fault, ...field }: Props) {
  const own = new Set(errors.filter((error) => isUnder([error.pointer], pointers)).map((error) => error.detail));
  return <Field {...field} error={fault ?? (own.size > 0 ? [...own].join(' ') : undefined)} />;
}
