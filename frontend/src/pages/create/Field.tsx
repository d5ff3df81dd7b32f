import { FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { FieldError } from '../../api/types';

interface Props {
  id: string;
  label: string;
  /** Errors of these pointers, and of what lies under them, show here. */
  pointers: string[];
  errors: FieldError[];
  help?: ReactNode;
  /** What the page itself sees to mind. */
  warning?: string | null;
  required?: boolean;
  children: ReactNode;
}

/** A field with its help, and the server's words about it beneath. */
export function Field({ id, label, pointers, errors, help, warning, required, children }: Props) {
  const own = errors.filter((error) => under(error.pointer, pointers));
  return (
    <FormGroup label={label} fieldId={id} isRequired={required}>
      {children}
      {help || warning || own.length > 0 ? (
        <FormHelperText>
          <HelperText isLiveRegion={own.length > 0}>
            {own.map((error) => (
              <HelperTextItem key={error.pointer + error.detail} variant="error">
                {error.detail}
              </HelperTextItem>
            ))}
            {warning && own.length === 0 ? <HelperTextItem variant="warning">{warning}</HelperTextItem> : null}
            {help ? <HelperTextItem>{help}</HelperTextItem> : null}
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}

/** Whether a pointer is one of these or lies under one. */
export function under(pointer: string, pointers: string[]): boolean {
  return pointers.some((known) => pointer === known || pointer.startsWith(`${known}/`));
}
