import '../storage/storage.css';
import './networks.css';
import { Breadcrumb, BreadcrumbItem, PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { unread } from '../../api/client';
import { useRoom } from '../../api/live';
import { useCan } from '../../api/session';
import { NETWORK, storageQueries, type Network } from '../../api/storage';
import { LastChange } from '../../components/LastChange';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { HostLabel } from '../hosts/HostLabel';
import { XmlButton } from '../xml/XmlButton';
import { modeWord } from './modes';
import { NetworkActs, NetworkState } from './NetworkActs';
import { NetworkClients } from './NetworkClients';
import { NetworkNotices } from './NetworkNotices';
import { prefixLength } from './prefix';

/** One network: what it is, and who is on it. */
export default function NetworkPage() {
  const { host = '', network: name = '' } = useParams();
  const navigate = useNavigate();
  useRoom(`host:${host}`);
  const networks = useQuery(storageQueries.networks(host));
  const network = networks.data?.find((known) => known.name === name);
  const reason = useCan('network:edit') ? null : t('Your role may look at networks, not change them.');
  const problem = unread(networks);
  if (problem) return <ErrorPage problem={problem} retry={networks.refetch} />;
  if (!networks.data) return <LoadingPage />;
  if (!network) return <EmptyPage title={t('There is no network {{name}}', { name })} actions={<Link to={paths.networks}>{t('All networks')}</Link>} />;
  return (
    <>
      <PageHeader
        title={network.name}
        before={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={paths.networks}>{t('Networks')}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem isActive>{network.name}</BreadcrumbItem>
          </Breadcrumb>
        }
        aside={
          <>
            <NetworkState network={network} /> <HostLabel host={host} />
          </>
        }
        subtitle={[modeWord(network.mode), network.bridge, network.device, network.domain].filter(Boolean).join(' · ')}
        actions={
          <div className="qd-toolbar">
            <XmlButton
              what={network.name}
              template={`${NETWORK}/xml`}
              path={{ host, network: network.name }}
              reason={reason}
              onSaved={() => void networks.refetch()}
              variant="secondary"
            />
            <NetworkActs network={network} reason={reason} onDeleted={() => void navigate(paths.networks)} />
          </div>
        }
      />
      <PageSection>
        <NetworkNotices network={network} reason={reason} />
        <Facts network={network} />
        <Title headingLevel="h2" size="lg" className="qd-storage-host">
          {t('Who is on it')}
        </Title>
        <NetworkClients network={network} reason={reason} />
      </PageSection>
    </>
  );
}

function Facts({ network }: { network: Network }) {
  return (
    <dl className="qd-facts">
      {network.ranges.map((range) => (
        <div key={range.address}>
          <dt>{range.family === 'ipv6' ? t('IPv6') : t('IPv4')}</dt>
          <dd>
            {range.address}/{prefixLength(range.prefix)}
            {range.dhcp_start ? <div className="qd-dim">{t('DHCP gives out {{start}} to {{end}}', { start: range.dhcp_start, end: range.dhcp_end ?? '' })}</div> : null}
          </dd>
        </div>
      ))}
      <div>
        <dt>{t('With the host')}</dt>
        <dd>{network.autostart ? t('starts by itself') : t('stays off')}</dd>
      </div>
      <div>
        <dt>{t('Last change')}</dt>
        <dd>
          <LastChange change={network.changed} />
        </dd>
      </div>
    </dl>
  );
}
