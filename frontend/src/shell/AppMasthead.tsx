import {
  Button,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  PageToggleButton,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import { Link, type LinkProps } from 'react-router';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { useMedia, PHONE } from '../util/useMedia';
import { HostSwitch } from './HostSwitch';
import { JobsTray } from './JobsTray';
import { useKeys } from './keysContext';
import { UserMenu } from './UserMenu';

interface Props {
  isNavOpen: boolean;
  onNavToggle: () => void;
}

/** Not made in the masthead, which would make it anew at each draw and take the focus from it. */
function Home(props: Omit<LinkProps, 'to'>) {
  return <Link {...props} to={paths.machines} aria-label="Quarterdeck" />;
}

export function AppMasthead({ isNavOpen, onNavToggle }: Props) {
  const keys = useKeys();
  const phone = useMedia(PHONE);
  return (
    <Masthead display={{ default: 'inline' }}>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton aria-label={t('Main menu')} isSidebarOpen={isNavOpen} onSidebarToggle={onNavToggle} id="nav-toggle" />
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={Home}>
            <span className="qd-brand">
              <img src="/favicon.svg" alt="" width="28" height="28" /> <span className="qd-brand-name">Quarterdeck</span>
            </span>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarGroup align={{ default: 'alignEnd' }} gap={{ default: 'gapSm' }} variant="action-group-plain">
              <ToolbarItem>
                {phone ? (
                  <Button variant="plain" icon={<SearchIcon />} aria-label={t('Search and act')} onClick={keys.openPalette} />
                ) : (
                  <Button variant="control" icon={<SearchIcon />} onClick={keys.openPalette} className="qd-palette-button">
                    {t('Search and act')} <kbd>Ctrl K</kbd>
                  </Button>
                )}
              </ToolbarItem>
              <ToolbarItem>
                <HostSwitch />
              </ToolbarItem>
              <ToolbarItem>
                <JobsTray />
              </ToolbarItem>
              <ToolbarItem>
                <UserMenu />
              </ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}
