import { Divider, Dropdown, DropdownItem, DropdownList, MenuToggle, type MenuToggleElement } from '@patternfly/react-core';
import KebabIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { Fragment, useState } from 'react';
import { offersOf, type Offer } from '../api/actions';
import type { DomainSummary } from '../api/types';
import { reasonProps } from '../components/DisabledReason';
import { IconButton } from '../components/IconButton';
import { t } from '../util/i18n';
import { useActs } from './acts';

const GROUPS = ['power', 'state', 'edit', 'danger'] as const;

interface Props {
  domain: DomainSummary;
  /** Acts that stand beside the menu as buttons. */
  without?: readonly string[];
  /** Text on the toggle; three dots if left out. */
  text?: string;
  tabIndex?: number;
}

/** Every act on one machine, in groups. What is not allowed stays, disabled, with its reason. */
export function ActMenu({ domain, without = [], text, tabIndex }: Props) {
  const [open, setOpen] = useState(false);
  const [used, setUsed] = useState(false);
  const label = t('Acts on {{name}}', { name: domain.name });
  const flip = () => {
    setUsed(true);
    // After this click: the menu that comes into being now would take it for one outside of itself, and close.
    setTimeout(() => setOpen(!open));
  };
  const toggle = (ref?: React.Ref<MenuToggleElement>) => (
    <MenuToggle
      ref={ref}
      variant={text ? 'default' : 'plain'}
      icon={text ? undefined : <KebabIcon />}
      isExpanded={open}
      onClick={flip}
      aria-label={text ? undefined : label}
      tabIndex={tabIndex}
    >
      {text}
    </MenuToggle>
  );
  // A list has hundreds of these, and what places a menu on the screen costs more than the row that it belongs to.
  if (!used) return text ? toggle() : <IconButton icon={<KebabIcon />} label={label} onClick={flip} tabIndex={tabIndex} hasPopup />;
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right', appendTo: () => document.body }}
      isScrollable
      shouldFocusFirstItemOnOpen
      shouldFocusToggleOnSelect
      maxMenuHeight="min(26rem, 45vh)"
      className="qd-act-menu"
      toggle={toggle}
    >
      {open ? <Items domain={domain} without={without} /> : null}
    </Dropdown>
  );
}

function Items({ domain, without }: { domain: DomainSummary; without: readonly string[] }) {
  const { registry, act } = useActs();
  const offers = offersOf(registry, domain.actions).filter(({ action }) => !without.includes(action.id));
  const groups = GROUPS.map((group) => offers.filter(({ action }) => action.group === group)).filter((group) => group.length > 0);
  return groups.map((group, index) => (
    <Fragment key={group[0]?.action.group}>
      {index > 0 ? <Divider /> : null}
      <DropdownList>
        {group.map((offer) => (
          <Item key={offer.action.id} offer={offer} domain={domain} onChoose={() => act(offer.action.id, [domain])} />
        ))}
      </DropdownList>
    </Fragment>
  ));
}

function Item({ offer: { action, reason }, domain, onChoose }: { offer: Offer; domain: DomainSummary; onChoose: () => void }) {
  const title = action.id === 'autostart' && domain.autostart ? t('Do not start with the host') : action.title;
  return (
    <DropdownItem isDanger={action.danger} onClick={onChoose} {...reasonProps(reason)}>
      {title}
    </DropdownItem>
  );
}
