import { Dropdown, DropdownGroup, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useState } from 'react';
import { useRegistry, type Offer } from '../../api/actions';
import type { Action, Domain } from '../../api/types';
import { reasonProps } from '../../components/DisabledReason';
import { toast } from '../../components/Toasts';
import { useActs } from '../../shell/acts';
import { useShortcut } from '../../shell/keysContext';
import { t } from '../../util/i18n';
import { PHONE, useMedia } from '../../util/useMedia';

export function groupTitle(group: string): string {
  const words: Record<string, string> = { power: t('Power'), state: t('State'), edit: t('Edit'), danger: t('Danger') };
  return words[group] ?? group;
}

interface Props {
  label: string;
  groups: string[];
  offers: Offer[];
  onAct: (id: string) => void;
}

/** All acts of some groups, each with its shortcut; what is not possible now stays and says why. */
export function ActMenu({ label, groups, offers, onAct }: Props) {
  const [open, setOpen] = useState(false);
  const phone = useMedia(PHONE);
  const lists = groups.map((group) => ({ group, offers: offers.filter(({ action }) => action.group === group) }));
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      maxMenuHeight="min(42rem, 65dvh)"
      shouldFocusToggleOnSelect
      popperProps={{ position: phone ? 'center' : 'end', enableFlip: true, preventOverflow: true, maxWidth: 'calc(100vw - 1rem)' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={open} onClick={() => setOpen(!open)}>
          {label}
        </MenuToggle>
      )}
    >
      {lists.map(({ group, offers: own }) => (
        <DropdownGroup key={group} label={lists.length > 1 ? groupTitle(group) : undefined}>
          <DropdownList aria-label={groupTitle(group)}>
            {own.map(({ action, reason }) => (
              <DropdownItem
                key={action.id}
                isDanger={action.danger && !reason}
                description={phone ? undefined : action.description}
                onClick={() => {
                  setOpen(false);
                  onAct(action.id);
                }}
                {...reasonProps(reason)}
              >
                <span className="qd-act">
                  {action.title}
                  {action.shortcut && !phone ? <kbd>{action.shortcut}</kbd> : null}
                </span>
              </DropdownItem>
            ))}
          </DropdownList>
        </DropdownGroup>
      ))}
    </Dropdown>
  );
}

/** The registry's keys for the machine on screen. */
export function ActShortcuts({ domain }: { domain: Domain }) {
  return useRegistry().map((action) => (action.shortcut ? <ActShortcut key={action.id} action={action} domain={domain} /> : null));
}

function ActShortcut({ action, domain }: { action: Action; domain: Domain }) {
  const { act } = useActs();
  useShortcut(action.shortcut ?? '', action.title, t('This machine'), () => {
    const reason = domain.actions[action.id];
    if (reason) toast.info(t('{{act}} is not possible now', { act: action.title }), reason);
    else act(action.id, [domain]);
  });
  return null;
}
