import type { FieldError } from '../../api/types';
import { isUnder } from '../../api/problem';
import { Field as Plain, type FieldProps } from '../../components/Field';

interface Props extends Omit<FieldProps, 'error' | 'isRequired'> {
  /** Errors of these pointers, and of what lies under them, show here. */
  pointers: string[];
  errors: FieldError[];
  /** What the page itself sees to be wrong. */
  fault?: string | undefined;
  required?: boolean;
}

/** A field with its help, and the server's words about it in its place. */
export function Field({ pointers, errors, fault, required = false, ...field }: Props) {
  const own = errors.filter((error) => isUnder([error.pointer], pointers)).map((error) => error.detail);
  return <Plain {...field} isRequired={required} error={fault ?? (own.length > 0 ? own.join(' ') : undefined)} />;
}
