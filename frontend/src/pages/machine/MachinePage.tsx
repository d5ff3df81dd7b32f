import './machine.css';
import { Alert, Button, PageSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, type ComponentType } from 'react';
import { Link, Navigate, useParams } from 'react-router';
import { problemOf } from '../../api/client';
import { useRoom } from '../../api/live';
import { queries, useHosts } from '../../api/queries';
import type { Domain, Host, Problem } from '../../api/types';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import { useStored } from '../../util/useStored';
import { ActShortcuts } from './ActMenu';
import { MachineTwins } from '../hosts/TwinNotice';
import { DriftNotice } from './DriftNotice';
import { MachineHeader } from './MachineHeader';
import { MachineTabs, PANEL } from './MachineTabs';
import { PendingNotice } from './PendingNotice';
import { RunningJob } from './RunningJob';
import { PreviewNotice } from './snapshots/PreviewNotice';
import { TABS, tabTitle, type TabId } from './tabs';
import { useReadAnew } from './useReadAnew';

export interface TabProps {
  domain: Domain;
}

const views: Record<TabId, ComponentType<TabProps>> = {
  overview: lazy(() => import('./overview/OverviewTab')),
  console: lazy(() => import('./console/ConsoleTab')),
  hardware: lazy(() => import('./hardware/HardwareTab')),
  settings: lazy(() => import('./settings/SettingsTab')),
  performance: lazy(() => import('./performance/PerformanceTab')),
  snapshots: lazy(() => import('./snapshots/SnapshotsTab')),
  history: lazy(() => import('./history/HistoryTab')),
  xml: lazy(() => import('./xml/XmlTab')),
};

export default function MachinePage() {
  const { host = '', uuid = '', tab } = useParams();
  const [last, setLast] = useStored<TabId>('machine-tab', 'overview');
  const known = TABS.find((id) => id === tab);
  useEffect(() => {
    if (known && known !== last) setLast(known);
  }, [known, last, setLast]);
  if (!known) return <Navigate to={paths.machine(host, uuid, TABS.includes(last) ? last : 'overview')} replace />;
  return <Machine key={`${host}/${uuid}`} hostId={host} uuid={uuid} tab={known} />;
}

function Machine({ hostId, uuid, tab }: { hostId: string; uuid: string; tab: TabId }) {
  useRoom(`domain:${hostId}:${uuid}`);
  const host = useHosts().find((one) => one.id === hostId);
  const read = useQuery(queries.domain(hostId, uuid));
  useReadAnew(host, uuid);
  const problem = read.error ? problemOf(read.error) : null;
  if (problem?.status === 404) return <Gone name={read.data?.name} hostId={hostId} />;
  if (read.data) return <Known domain={read.data} host={host} tab={tab} />;
  if (problem) return <Unreadable problem={problem} onRetry={() => void read.refetch()} />;
  return <LoadingPage text={t('Reading the machine')} />;
}

function Known({ domain, host, tab }: { domain: Domain; host: Host | undefined; tab: TabId }) {
  const View = views[tab];
  return (
    <>
      <div className="qd-machine-top">
        <MachineHeader domain={domain} hostName={host?.name ?? domain.host} tab={tab} />
        <MachineTabs domain={domain} tab={tab} />
      </div>
      {/* What is typed there is meant for the guest, even before somebody has clicked into its screen. */}
      {tab === 'console' ? null : <ActShortcuts domain={domain} />}
      <PageSection className="qd-machine-body" isFilled padding={tab === 'console' ? { default: 'noPadding' } : undefined}>
        <div className="qd-notices">
          {/* Over a console stands the same. */}
          {domain.last_seen && !(tab === 'console' && domain.consoles.length > 0) ? (
            <Alert variant="warning" isInline title={t('{{host}} is not connected: this is what was known at {{time}}', { host: host?.name ?? domain.host, time: formatTime(domain.last_seen) })} actionLinks={<Link to={paths.hosts}>{t('Why, and what to do')}</Link>}>
              {t('Whether the machine runs is not known now. It comes back by itself with its host.')}
            </Alert>
          ) : null}
          {domain.job ? <RunningJob id={domain.job} domain={domain} /> : null}
          <PendingNotice domain={domain} brief={tab === 'console'} />
          {tab === 'console' ? null : <DriftNotice domain={domain} />}
          <PreviewNotice domain={domain} />
          <MachineTwins domain={domain} />
        </div>
        <div role="tabpanel" id={PANEL} aria-label={tabTitle(tab)}>
          <Suspense fallback={<LoadingPage />}>
            <View domain={domain} />
          </Suspense>
        </div>
      </PageSection>
    </>
  );
}

function Gone({ name, hostId }: { name: string | undefined; hostId: string }) {
  return (
    <>
      <PageHeader title={name ?? t('Machine')} />
      <EmptyPage
        title={name ? t('{{name}} is gone', { name }) : t('There is no such machine')}
        actions={<Button component={(props) => <Link {...props} to={paths.machines} />}>{t('Go to the machines')}</Button>}
      >
        {t('It was deleted or moved away from host {{host}}, or the address is mistyped.', { host: hostId })}
      </EmptyPage>
    </>
  );
}

function Unreadable({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const actions = (
    <>
      <Button onClick={onRetry}>{t('Try again')}</Button>
      <Button variant="link" component={(props) => <Link {...props} to={paths.hosts} />}>
        {t('Look at the hosts')}
      </Button>
    </>
  );
  return (
    <>
      <PageHeader title={t('Machine')} />
      <EmptyPage title={t('The machine could not be read')} actions={actions}>
        <ProblemAlert problem={problem} />
      </EmptyPage>
    </>
  );
}
