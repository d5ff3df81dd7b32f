import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import PowerIcon from '@patternfly/react-icons/dist/esm/icons/power-off-icon';
import { useState } from 'react';
import { offersOf } from '../api/actions';
import type { DomainSummary } from '../api/types';
import { reasonProps } from '../components/DisabledReason';
import { useActs } from '../shell/acts';
import { t } from '../util/i18n';

const POWER = ['start', 'resume', 'shutdown', 'reboot', 'suspend', 'save', 'reset', 'destroy'];

/** Acts on the machine's power, beside its screen; those not possible now say why. */
export function PowerMenu({ domain }: { domain: DomainSummary }) {
  const [open, setOpen] = useState(false);
  const { registry, act } = useActs();
  const offers = offersOf(registry, domain.actions).filter(({ action }) => POWER.includes(action.id));
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      shouldFocusToggleOnSelect
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" size="sm" icon={<PowerIcon />} isExpanded={open} onClick={() => setOpen(!open)} aria-label={t('Power')}>
          <span className="qd-console-word">{t('Power')}</span>
        </MenuToggle>
      )}
    >
      <DropdownList>
        {offers.map(({ action, reason }) => (
          <DropdownItem key={action.id} isDanger={action.danger} onClick={() => act(action.id, [domain])} {...reasonProps(reason)}>
            {action.title}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
