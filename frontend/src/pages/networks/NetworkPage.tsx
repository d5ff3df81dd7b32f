import '../storage/storage.css';
import './networks.css';
import { Alert, Button, Breadcrumb, BreadcrumbItem, Label, PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from 'react-router';
import { problemOf } from '../../api/client';
import { useRoom } from '../../api/live';
import { useCan } from '../../api/session';
import { NETWORK, storageQueries, type Network, type NetworkClient } from '../../api/storage';
import { LastChange } from '../../components/LastChange';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { HostLabel } from '../hosts/HostLabel';
import { MachineLinks } from '../machines/MachineLinks';
import { XmlButton } from '../xml/XmlButton';
import { modeWord } from './modes';
import { NetworkActs, NetworkState } from './NetworkActs';
import { prefixLength } from './prefix';

/** One network: what it is, and who is on it. */
export default function NetworkPage() {
  const { host = '', network: name = '' } = useParams();
  const navigate = useNavigate();
  useRoom(`host:${host}`);
  const networks = useQuery(storageQueries.networks(host));
  const network = networks.data?.find((known) => known.name === name);
  const reason = useCan('network:edit') ? null : t('Your role may look at networks, not change them.');
  if (networks.error) return <ErrorPage problem={problemOf(networks.error)} retry={networks.refetch} />;
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
        {network.changes_pending ? (
          <Alert variant="info" isInline title={t('An edit waits')} className="qd-storage-notices">
            {t('Restart the network to make it take effect; its machines keep their cable.')}
          </Alert>
        ) : null}
        <Facts network={network} />
        <Title headingLevel="h2" size="lg" className="qd-storage-host">
          {t('Who is on it')}
        </Title>
        <Clients network={network} />
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

function Clients({ network }: { network: Network }) {
  const { data, error, refetch, isFetching } = useQuery({ ...storageQueries.clients(network.host, network.name), staleTime: 0 });
  if (error) return <ErrorPage isPart problem={problemOf(error)} retry={refetch} />;
  if (!data) return <LoadingPage />;
  if (data.length === 0) return <EmptyPage title={t('Nobody is on it')}>{t('Give a machine a card on this network.')}</EmptyPage>;
  return (
    <>
    <Button variant="secondary" size="sm" isLoading={isFetching} onClick={() => void refetch()}>
      {t('Look again')}
    </Button>
    <Table aria-label={t('Who is on {{network}}', { network: network.name })} variant="compact">
      <Thead>
        <Tr>
          <Th>{t('Machine')}</Th>
          <Th>{t('Cable')}</Th>
          <Th>{t('Address')}</Th>
          <Th>{t('Name')}</Th>
          <Th>{t('MAC address')}</Th>
          <Th>{t('Device')}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {data.map((client) => (
          <Tr key={client.mac}>
            <Td dataLabel={t('Machine')}>{client.machine ? <MachineLinks host={network.host} names={[client.machine]} /> : <span className="qd-dim">{t('no machine of this host')}</span>}</Td>
            <Td dataLabel={t('Cable')}>
              <Cable client={client} />
            </Td>
            <Td dataLabel={t('Address')}>
              {client.address ?? '–'} {client.reserved ? <span className="qd-dim">{t('{{address}} reserved', { address: client.reserved })}</span> : null}
            </Td>
            <Td dataLabel={t('Name')}>{client.hostname ?? '–'}</Td>
            <Td dataLabel={t('MAC address')}>
              <span className="qd-path">{client.mac}</span>
            </Td>
            <Td dataLabel={t('Device')}>{client.device ?? '–'}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
    </>
  );
}

function Cable({ client }: { client: NetworkClient }) {
  if (!client.machine) return <>–</>;
  const [color, word] = !client.running ? (['grey', t('machine is off')] as const) : client.link_up ? (['green', t('plugged in')] as const) : (['orange', t('pulled out')] as const);
  return (
    <Label isCompact color={color}>
      {word}
    </Label>
  );
}
