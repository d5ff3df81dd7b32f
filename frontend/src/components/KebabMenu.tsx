import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import EllipsisIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useState } from 'react';
import { reasonProps } from './DisabledReason';

export interface MenuAct {
  id: string;
  title: string;
  /** Why it is not possible now. */
  reason?: string | null;
  danger?: boolean;
  onAct: () => void;
}

/** The acts on one row; what is not possible stays, and says why. */
export function KebabMenu({ label, acts }: { label: string; acts: MenuAct[] }) {
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      shouldFocusToggleOnSelect
      popperProps={{ position: 'end', enableFlip: true, preventOverflow: true }}
      toggle={(ref) => <MenuToggle ref={ref} variant="plain" aria-label={label} isExpanded={open} onClick={() => setOpen(!open)} icon={<EllipsisIcon />} />}
    >
      <DropdownList aria-label={label}>
        {acts.map((act) => (
          <DropdownItem
            key={act.id}
            isDanger={!!act.danger && !act.reason}
            onClick={() => {
              setOpen(false);
              act.onAct();
            }}
            {...reasonProps(act.reason)}
          >
            {act.title}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
