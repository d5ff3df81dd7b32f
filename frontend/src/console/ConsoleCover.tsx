import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Spinner } from '@patternfly/react-core';
import DesktopIcon from '@patternfly/react-icons/dist/esm/icons/desktop-icon';
import LostIcon from '@patternfly/react-icons/dist/esm/icons/plug-icon';
import OffIcon from '@patternfly/react-icons/dist/esm/icons/power-off-icon';
import type { ComponentType, ReactNode } from 'react';
import { Link } from 'react-router';
import { useHosts } from '../api/queries';
import { useActs } from '../shell/acts';
import type { DomainSummary } from '../api/types';
import { ReasonButton } from '../components/DisabledReason';
import { ProblemAlert } from '../components/ProblemAlert';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';
import type { Line, LineState } from './line';

/** Whether the machine has a screen or console to connect to. A machine that sleeps has one; it may show nothing. */
export function isOn(domain: DomainSummary): boolean {
  return domain.state !== 'shut_off' && domain.state !== 'unknown' && !(domain.state === 'crashed' && domain.actions['start'] === null);
}

/** What lies over the picture while there is none, with the act that brings it back. Null while the line is open. */
export function ConsoleCover({ domain, line, state }: { domain: DomainSummary; line: Line; state: LineState }) {
  if (domain.last_seen && state.kind !== 'open') return <AwayCover domain={domain} since={domain.last_seen} />;
  if (!isOn(domain)) return <OffCover domain={domain} />;
  const again = (text: string) => (
    <Button variant="primary" onClick={() => line.wake()}>
      {text}
    </Button>
  );
  switch (state.kind) {
    case 'open':
      return null;
    case 'idle':
    case 'connecting':
      return (
        <div className="qd-console-cover qd-console-wait" role="status">
          <Spinner size="lg" aria-hidden />
          <span>{t('Connecting to {{name}}', { name: domain.name })}</span>
        </div>
      );
    case 'waiting':
      return (
        <Cover icon={LostIcon} title={t('The connection was cut')} actions={again(t('Try now'))}>
          {t('The machine runs on. The next try follows by itself within {{seconds}} s.', { seconds: Math.ceil(state.seconds) })}
          {state.problem ? <p className="qd-dim">{state.problem.detail}</p> : null}
        </Cover>
      );
    case 'ended':
      return (
        <Cover icon={LostIcon} title={t('Your session ended')} actions={again(t('Connect again'))}>
          {t('The machine runs on. Log in again to get its console back.')}
        </Cover>
      );
    case 'refused':
      return (
        <Cover icon={LostIcon} title={t('No console')} actions={again(t('Try again'))}>
          <ProblemAlert problem={state.problem} />
        </Cover>
      );
  }
}

function AwayCover({ domain, since }: { domain: DomainSummary; since: string }) {
  const host = useHosts().find(({ id }) => id === domain.host)?.name ?? domain.host;
  return (
    <Cover icon={LostIcon} title={t('{{host}} is not connected', { host })} actions={<Link to={paths.hosts}>{t('Why, and what to do')}</Link>}>
      {t('{{name}} was seen last at {{time}}; whether it runs is not known now. Its console appears here as soon as its host is back.', { name: domain.name, time: formatTime(since) })}
    </Cover>
  );
}

function OffCover({ domain }: { domain: DomainSummary }) {
  const { act } = useActs();
  return (
    <Cover
      icon={OffIcon}
      title={t('{{name}} is off', { name: domain.name })}
      actions={
        <ReasonButton reason={domain.actions['start']} onClick={() => act('start', [domain])}>
          {domain.has_saved_image ? t('Start from the saved state') : t('Start')}
        </ReasonButton>
      }
    >
      {domain.reason_text ? <p>{domain.reason_text}</p> : null}
      <p>{t('Its console appears here as soon as it runs.')}</p>
    </Cover>
  );
}

/** For a machine without that kind of console. */
export function NoConsole({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <Cover icon={DesktopIcon} title={title} actions={actions}>
      {children}
    </Cover>
  );
}

interface CoverProps {
  icon: ComponentType;
  title: string;
  children: ReactNode;
  actions?: ReactNode;
}

function Cover({ icon, title, children, actions }: CoverProps) {
  return (
    <div className="qd-console-cover">
      <EmptyState titleText={title} headingLevel="h2" icon={icon} variant="sm">
        <EmptyStateBody>{children}</EmptyStateBody>
        {actions ? (
          <EmptyStateFooter>
            <EmptyStateActions>{actions}</EmptyStateActions>
          </EmptyStateFooter>
        ) : null}
      </EmptyState>
    </div>
  );
}
