import { Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useEffect, type MouseEvent } from 'react';
import { useNavigate } from 'react-router';
import type { Domain } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { TABS, tabTitle, type TabId } from './tabs';

/** Id of the element that holds the part on screen. */
export const PANEL = 'machine-part';

function middle(element: Element): number {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}

/** The parts of the page as links, so that each has its address and may be opened in its own window. */
export function MachineTabs({ domain, tab }: { domain: Domain; tab: TabId }) {
  const navigate = useNavigate();
  // On a phone the tabs are wider than the page. After scrollIntoView the Tab key would go on from there, past the page's head.
  useEffect(() => {
    const chosen = document.querySelector('.qd-machine-top [aria-selected="true"]');
    const list = chosen?.closest('.pf-v6-c-tabs__list');
    if (chosen && list) list.scrollBy({ left: middle(chosen) - middle(list) });
  }, [tab]);
  const select = (event: MouseEvent, key: string | number | undefined) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button > 0) return;
    event.preventDefault();
    void navigate(paths.machine(domain.host, domain.uuid, String(key)));
  };
  return (
    <Tabs aria-label={t('Parts of the machine')} activeKey={tab} onSelect={select}>
      {TABS.map((id) => (
        <Tab
          key={id}
          eventKey={id}
          href={paths.machine(domain.host, domain.uuid, id)}
          tabContentId={PANEL}
          title={<TabTitleText>{tabTitle(id)}</TabTitleText>}
        />
      ))}
    </Tabs>
  );
}
