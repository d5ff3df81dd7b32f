import { ExpandableSection } from '@patternfly/react-core';
import { useState, type ReactNode } from 'react';

/** What few need, folded at first; what is wrong in it is never folded away. */
export function Folded({ title, wrong = false, children }: { title: string; wrong?: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection toggleText={title} isIndented isExpanded={open || wrong} onToggle={(_, next) => setOpen(next)}>
      <div className="qd-folded">{children}</div>
    </ExpandableSection>
  );
}
