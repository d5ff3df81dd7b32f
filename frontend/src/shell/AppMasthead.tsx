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
import { Link } from 'react-router';
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
          <MastheadLogo component={(props) => <Link {...props} to={paths.machines} aria-label="Quarterdeck" />}>
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
