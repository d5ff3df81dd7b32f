import { Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import MoreIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useState, type ReactNode } from 'react';
import { callBlob, DOMAIN, problemOf } from '../api/client';
import type { DomainSummary } from '../api/types';
import { toast } from '../components/Toasts';
import { paths } from '../paths';
import { saveBlob } from '../util/saveBlob';
import { t } from '../util/i18n';
import type { ConsoleType } from './dial';

interface Props {
  domain: DomainSummary;
  type: ConsoleType;
  /** The console has a window of its own already. */
  alone: boolean;
  /** Entries of this kind of console. */
  children?: ReactNode;
}

/** Other ways to the console: a window of its own, a kiosk address, a file for a native viewer. */
export function MoreMenu({ domain, type, alone, children }: Props) {
  const [open, setOpen] = useState(false);
  const target = { host: domain.host, uuid: domain.uuid };
  const own = (query = '') => window.open(paths.console(target.host, target.uuid, type) + query, `console-${domain.uuid}-${type}`, 'popup,width=1040,height=860');
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      maxMenuHeight="70dvh"
      shouldFocusToggleOnSelect
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" size="sm" icon={<MoreIcon />} isExpanded={open} onClick={() => setOpen(!open)} aria-label={t('More of the console')} />
      )}
    >
      {children}
      {children ? <Divider /> : null}
      <DropdownGroup label={t('Elsewhere')}>
        <DropdownList>
          {alone ? null : <DropdownItem onClick={() => own()}>{t('Open in its own window')}</DropdownItem>}
          <DropdownItem onClick={() => own('?kiosk')} description={t('Only the screen; ends with the machine or the session')}>
            {t('Open as kiosk')}
          </DropdownItem>
          {type === 'vnc' ? (
            <DropdownItem onClick={() => void viewerFile(domain)}>{t('File for a native viewer (.vv)')}</DropdownItem>
          ) : null}
        </DropdownList>
      </DropdownGroup>
    </Dropdown>
  );
}

/** Fetched before it is saved, so that a refusal is told in words instead of in a broken file. */
async function viewerFile({ host, uuid, name }: DomainSummary): Promise<void> {
  try {
    saveBlob(await callBlob(`${DOMAIN}/consoles/vv`, { path: { host, uuid } }), `${name}.vv`);
  } catch (error) {
    toast.problem(t('File for a native viewer'), problemOf(error));
  }
}
