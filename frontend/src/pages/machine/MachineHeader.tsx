import { Breadcrumb, BreadcrumbItem, Flex, Label, LabelGroup } from '@patternfly/react-core';
import AwayIcon from '@patternfly/react-icons/dist/esm/icons/arrow-right-icon';
import HostIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { Link } from 'react-router';
import { offersOf } from '../../api/actions';
import { useHosts } from '../../api/queries';
import type { Domain } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { PageHeader } from '../../components/PageHeader';
import { MachineState } from '../../components/StateLabel';
import { paths } from '../../paths';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';
import { PHONE, useMedia } from '../../util/useMedia';
import { RemoveLeftover } from '../hosts/RemoveLeftover';
import { ActMenu, groupTitle } from './ActMenu';
import { tabTitle, type TabId } from './tabs';

interface Props {
  domain: Domain;
  hostName: string;
  tab: TabId;
}

/** Who it is, how it is, and everything that can be done to it. */
export function MachineHeader({ domain, hostName, tab }: Props) {
  return (
    <PageHeader
      title={domain.name}
      documentTitle={`${domain.name} · ${tabTitle(tab)}`}
      subtitle={domain.title ?? undefined}
      before={
        <Breadcrumb className="qd-crumbs">
          <BreadcrumbItem render={({ className }) => <Link className={className} to={paths.machines}>{t('Machines')}</Link>} />
          <BreadcrumbItem isActive>{domain.name}</BreadcrumbItem>
        </Breadcrumb>
      }
      aside={
        <Flex columnGap={{ default: 'columnGapSm' }} rowGap={{ default: 'rowGapXs' }} alignItems={{ default: 'alignItemsCenter' }}>
          <MachineState domain={domain} />
          <Label isCompact variant="outline" icon={<HostIcon />}>
            {hostName}
          </Label>
          {domain.runs_on ? <RunsThere domain={domain} on={domain.runs_on} /> : null}
          {domain.template ? (
            <Label isCompact isClickable color="purple" render={({ className, content }) => <Link className={className} to={paths.templateVersions(domain.host, domain.uuid)}>{content}</Link>}>
              {t('Template, version {{number}}', { number: domain.template_version ?? 1 })}
            </Label>
          ) : null}
          {domain.tags.length > 0 ? (
            <LabelGroup aria-label={t('Tags')} numLabels={4} isCompact>
              {domain.tags.map((tag) => (
                <Label key={tag} isCompact color="blue">
                  {tag}
                </Label>
              ))}
            </LabelGroup>
          ) : null}
        </Flex>
      }
      actions={<HeaderActs domain={domain} />}
    />
  );
}

/** What is left of a machine that runs on another host leads there. */
function RunsThere({ domain, on }: { domain: Domain; on: string }) {
  const name = useHosts().find((host) => host.id === on)?.name ?? on;
  return (
    <Label isCompact color="orange" icon={<AwayIcon />} render={({ className, content }) => <Link className={className} to={paths.machine(on, domain.uuid)}>{content}</Link>}>
      {t('It runs on {{host}}', { host: name })}
    </Label>
  );
}

/** The act that somebody who opens the page in this state most likely wants. */
function mainAct({ state, template }: Domain): string {
  if (template && state === 'shut_off') return 'clone';
  if (state === 'paused') return 'resume';
  return state === 'running' || state === 'shutting_down' ? 'shutdown' : state === 'crashed' ? 'reset' : 'start';
}

function HeaderActs({ domain }: { domain: Domain }) {
  const { registry, act } = useActs();
  const phone = useMedia(PHONE);
  const offers = offersOf(registry, domain.actions);
  const main = mainAct(domain);
  const button = (id: string, variant: 'primary' | 'secondary') => {
    const offer = offers.find(({ action }) => action.id === id);
    return offer ? (
      <ReasonButton reason={offer.reason} variant={variant} onClick={() => act(id, [domain])}>
        {offer.action.title}
      </ReasonButton>
    ) : null;
  };
  const menu = (label: string, ...groups: string[]) => (
    <ActMenu label={label} groups={groups} offers={offers} onAct={(id) => act(id, [domain])} />
  );
  return (
    <Flex columnGap={{ default: 'columnGapSm' }} rowGap={{ default: 'rowGapSm' }} role="toolbar" aria-label={t('What can be done')}>
      {domain.runs_on ? <RemoveLeftover host={domain.host} uuid={domain.uuid} name={domain.name} on={domain.runs_on} /> : button(main, 'primary')}
      {button('console', 'secondary')}
      {phone ? (
        menu(t('Acts'), 'power', 'state', 'edit', 'danger')
      ) : (
        <>
          {menu(groupTitle('power'), 'power', 'state')}
          {menu(groupTitle('edit'), 'edit')}
          {menu(groupTitle('danger'), 'danger')}
        </>
      )}
    </Flex>
  );
}
