import { Divider, Dropdown, MenuToggle, DropdownList, DropdownItem } from '@patternfly/react-core';
import ColumnsIcon from '@patternfly/react-icons/dist/esm/icons/columns-icon';
import { useState } from 'react';
import { t } from '../../util/i18n';
import type { Column } from './columns';

interface Props {
  columns: Column[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Which columns are shown; the name always is. */
export function ColumnChooser({ columns, chosen, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const flip = (id: string) => onChange(chosen.includes(id) ? chosen.filter((known) => known !== id) : [...chosen, id]);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" icon={<ColumnsIcon />} aria-label={t('Choose columns')} isExpanded={open} onClick={() => setOpen(!open)} />
      )}
    >
      <DropdownList>
        {columns
          .filter((column) => column.id !== 'name')
          .map((column) => (
            <DropdownItem key={column.id} hasCheckbox isSelected={chosen.includes(column.id)} onClick={() => flip(column.id)}>
              {column.label}
            </DropdownItem>
          ))}
        <Divider component="li" />
        <DropdownItem onClick={() => onChange(columns.filter((column) => column.initial).map((column) => column.id))}>{t('As at first')}</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
