import { Nav, NavItem, NavList, PageSidebar, PageSidebarBody } from '@patternfly/react-core';
import { Link, useLocation } from 'react-router';
import { paths } from '../paths';
import { t } from '../util/i18n';

interface Entry {
  to: string;
  label: string;
  /** Other addresses that belong to this entry. */
  also?: RegExp;
  /** Not a page of ours: the browser loads it. */
  outside?: boolean;
}

const entries = (): Entry[] => [
  { to: paths.machines, label: t('Machines'), also: /^\/hosts\/[^/]+\/(machines|templates)\// },
  { to: paths.hosts, label: t('Hosts') },
  { to: paths.storage, label: t('Storage') },
  { to: paths.networks, label: t('Networks') },
  { to: paths.jobs, label: t('Jobs') },
  { to: paths.audit, label: t('History') },
  { to: paths.api, label: t('API'), outside: true },
];

export function AppSidebar({ isOpen }: { isOpen: boolean }) {
  const { pathname } = useLocation();
  const all = entries();
  const active = all.find((entry) => entry.also?.test(pathname) || pathname.startsWith(entry.to));
  return (
    <PageSidebar isSidebarOpen={isOpen} id="sidebar">
      <PageSidebarBody>
        <Nav aria-label={t('Main')}>
          <NavList>
            {all.map((entry) => (
              <NavItem key={entry.to} itemId={entry.to} isActive={entry === active}>
                {entry.outside ? <a href={entry.to}>{entry.label}</a> : <Link to={entry.to}>{entry.label}</Link>}
              </NavItem>
            ))}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
