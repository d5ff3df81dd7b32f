import { Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import UserIcon from '@patternfly/react-icons/dist/esm/icons/user-icon';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { problemOf } from '../api/client';
import { logout, useSession } from '../api/session';
import { toast } from '../components/Toasts';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { chooseTheme, currentTheme, type Theme } from '../util/theme';
import { useKeys } from './keysContext';

export function UserMenu() {
  const [open, setOpen] = useState(false);
  const [theme, setTheme] = useState(currentTheme);
  const session = useSession().data;
  const keys = useKeys();
  const navigate = useNavigate();
  const leave = (everywhere: boolean) => {
    logout(everywhere).catch((error: unknown) => toast.problem(t('Log out'), problemOf(error)));
  };
  const themes: [Theme, string][] = [
    ['system', t('As the system')],
    ['light', t('Light')],
    ['dark', t('Dark')],
  ];
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" icon={<UserIcon />} isExpanded={open} onClick={() => setOpen(!open)} aria-label={t('Menu of {{user}}', { user: session?.user ?? '' })}>
          <span className="qd-user-name">{session?.user}</span>
        </MenuToggle>
      )}
    >
      <DropdownGroup label={session?.role === 'administrator' ? t('{{user}}, administrator', { user: session.user }) : t('{{user}}, viewer', { user: session?.user ?? '' })}>
        <DropdownList>
          <DropdownItem onClick={() => void navigate(paths.sshKeys)}>{t('SSH keys')}</DropdownItem>
          <DropdownItem onClick={() => void navigate(paths.tokens)}>{t('API tokens')}</DropdownItem>
          <DropdownItem onClick={() => void navigate(paths.sessions)}>{t('Your sessions')}</DropdownItem>
          <DropdownItem onClick={keys.openSheet}>{t('Keyboard shortcuts')}</DropdownItem>
        </DropdownList>
      </DropdownGroup>
      <Divider />
      <DropdownGroup label={t('Theme')}>
        <DropdownList>
          {themes.map(([value, label]) => (
            <DropdownItem
              key={value}
              isSelected={theme === value}
              onClick={() => {
                chooseTheme(value);
                setTheme(value);
              }}
            >
              {label}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
      <Divider />
      <DropdownList>
        <DropdownItem onClick={() => leave(false)}>{t('Log out')}</DropdownItem>
        <DropdownItem onClick={() => leave(true)} description={t('Ends every session of yours, open consoles too')}>
          {t('Log out everywhere')}
        </DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
