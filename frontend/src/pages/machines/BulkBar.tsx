import { Button, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { useState } from 'react';
import type { Action, DomainSummary } from '../../api/types';
import { ReasonButton, reasonProps } from '../../components/DisabledReason';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';

/** Acts that make sense on several machines at once; the others need an answer for each. */
const BULK = ['start', 'shutdown', 'reboot', 'suspend', 'resume', 'save', 'restore', 'snapshot', 'discard-save', 'migrate', 'reset', 'destroy', 'delete'];
const FIRST = ['start', 'shutdown', 'reboot'];

/** Takes the toolbar's place while machines are selected. */
export function BulkBar({ selected, onClear }: { selected: DomainSummary[]; onClear: () => void }) {
  const { registry, act } = useActs();
  const [open, setOpen] = useState(false);
  const acts = registry.filter((action) => BULK.includes(action.id));
  return (
    <div className="qd-bulk" role="toolbar" aria-label={t('Acts on the selected machines')}>
      <strong>{t('{{count}} selected', { count: selected.length })}</strong>
      {acts
        .filter((action) => FIRST.includes(action.id))
        .map((action) => (
          <ReasonButton key={action.id} variant="secondary" size="sm" reason={refusal(action, selected)} onClick={() => act(action.id, selected)}>
            {action.title}
          </ReasonButton>
        ))}
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        onSelect={() => setOpen(false)}
        toggle={(ref) => (
          <MenuToggle ref={ref} size="sm" isExpanded={open} onClick={() => setOpen(!open)}>
            {t('More')}
          </MenuToggle>
        )}
      >
        <DropdownList>
          {acts
            .filter((action) => !FIRST.includes(action.id))
            .map((action) => (
              <DropdownItem key={action.id} isDanger={action.danger} onClick={() => act(action.id, selected)} {...reasonProps(refusal(action, selected))}>
                {action.title}
              </DropdownItem>
            ))}
        </DropdownList>
      </Dropdown>
      <Button variant="link" size="sm" onClick={onClear}>
        {t('Clear')}
      </Button>
    </div>
  );
}

/** Null when the act is allowed on one at least; else the reason, which is often the same for all. */
function refusal(action: Action, selected: DomainSummary[]): string | null {
  if (action.id === 'migrate' && selected.some((domain) => domain.host !== selected[0]?.host)) return t('They are on different hosts. Choose machines of one host.');
  const reasons = selected.map((domain) => domain.actions[action.id]);
  if (reasons.some((reason) => reason === null)) return null;
  const [first] = reasons;
  return reasons.every((reason) => reason === first) ? (first ?? t('None of them knows this act.')) : t('Not possible on any of them, for different reasons.');
}
