import { Divider, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { useState } from 'react';
import { useLookedHost } from '../api/looked';
import { useHosts } from '../api/queries';
import type { Host } from '../api/types';
import { t } from '../util/i18n';
import { useShortcut } from './keysContext';

/** Which host the pages show; with one host there is nothing to choose. */
export function HostSwitch() {
  const hosts = useHosts();
  return hosts.length > 1 ? <Switch hosts={hosts} /> : null;
}

function Switch({ hosts }: { hosts: Host[] }) {
  const [open, setOpen] = useState(false);
  const [looked, look] = useLookedHost();
  useShortcut('h', t('Choose the host'), t('Everywhere'), () => setOpen(true));
  const name = looked?.name ?? t('All hosts');
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      shouldFocusFirstItemOnOpen
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" icon={<ServerIcon />} isExpanded={open} onClick={() => setOpen(!open)} aria-label={t('Shown: {{name}}', { name })}>
          <span className="qd-user-name">{name}</span>
        </MenuToggle>
      )}
    >
      <DropdownList aria-label={t('Hosts')}>
        <DropdownItem isSelected={!looked} onClick={() => look(null)}>
          {t('All hosts')}
        </DropdownItem>
      </DropdownList>
      <Divider />
      <DropdownList>
        {hosts.map((host) => (
          <DropdownItem key={host.id} isSelected={looked?.id === host.id} onClick={() => look(host.id)} description={host.state === 'connected' ? undefined : t('not connected')}>
            {host.name}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
