import { FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import { useMemo, type ReactNode } from 'react';
import { FieldContext } from './fieldContext';

export interface FieldProps {
  id: string;
  label: string;
  /** What helps to fill it in; an error takes its place. */
  help?: ReactNode;
  /** A word beside the label, such as when a change takes effect. */
  info?: string | undefined;
  error?: string | undefined;
  /** What to mind, although it can be done. */
  warning?: string | null | undefined;
  isRequired?: boolean | undefined;
  /** The control, of components/inputs.tsx, and what stands beside it. */
  children: ReactNode;
}

/** A labelled field with its help, or what is wrong with it; the input with its id is tied to both. */
export function Field({ id, label, help, info, error, warning, isRequired = false, children }: FieldProps) {
  const text = error ?? warning;
  const told = !!text || !!help;
  const tie = useMemo(() => ({ id, told, wrong: !!error, needed: isRequired }), [id, told, error, isRequired]);
  return (
    <FormGroup label={label} labelInfo={info ? <span className="qd-dim">{info}</span> : undefined} fieldId={id} isRequired={isRequired}>
      <FieldContext value={tie}>{children}</FieldContext>
      {told ? (
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion={!!text}>
            {text ? <HelperTextItem variant={error ? 'error' : 'warning'}>{text}</HelperTextItem> : null}
            {help && !error ? <HelperTextItem>{help}</HelperTextItem> : null}
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}
