import { Checkbox } from '@patternfly/react-core';
import type { ReactNode } from 'react';

interface Props {
  id: string;
  label: ReactNode;
  /** What it does. */
  help?: string | undefined;
  /** Why it cannot be ticked; takes the place of the help. */
  reason?: string | null | undefined;
  checked: boolean;
  onChange: (on: boolean) => void;
}

/** A box to tick, with what it does, or why it cannot be ticked. */
export function Tick({ id, label, help, reason, checked, onChange }: Props) {
  return <Checkbox id={id} label={label} description={reason ?? help} isDisabled={!!reason} isChecked={checked && !reason} onChange={(_, on) => onChange(on)} />;
}
