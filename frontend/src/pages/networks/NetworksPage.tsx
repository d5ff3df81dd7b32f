import './networks.css';
import '../storage/storage.css';
import { PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import { useRooms } from '../../api/live';
import { useLooked } from '../../api/looked';
import { useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import { useNetworks, type Network, type OfHost } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { LastChange } from '../../components/LastChange';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { Filters, Interfaces } from './HostSections';
import { LostHosts } from '../hosts/LostHosts';
import { modeWord } from './modes';
import { NetworkActs, NetworkState } from './NetworkActs';
import { NetworkDialog } from './NetworkDialog';
import { NetworkPicture } from './NetworkPicture';
import { prefixLength } from './prefix';

/** The virtual networks of all hosts. */
export default function NetworksPage() {
  const hosts = useLooked(useHosts());
  const all = useNetworks(hosts);
  useRooms(all.map(({ host }) => `host:${host.id}`));
  const reason = useCan('network:edit') ? null : t('Your role may look at networks, not change them.');
  const [making, setMaking] = useState<string | null>(null);
  const [first] = all;
  return (
    <>
      <PageHeader
        title={t('Networks')}
        subtitle={t('Virtual networks that machines can be on')}
        actions={
          <ReasonButton reason={reason ?? (first ? null : t('No host is connected.'))} onClick={() => setMaking(first?.host.id ?? null)}>
            {t('New network')}
          </ReasonButton>
        }
      />
      {all.map((one) => (
        <PageSection key={one.host.id}>
          {hosts.length > 1 ? (
            <Title headingLevel="h2" size="lg">
              {one.host.name}
            </Title>
          ) : null}
          <NetworkTable one={one} reason={reason} />
          <div className="qd-host-sections">
            {one.items ? <NetworkPicture host={one.host} networks={one.items} /> : null}
            <Interfaces host={one.host.id} />
            <Filters host={one.host.id} reason={reason} />
          </div>
        </PageSection>
      ))}
      <LostHosts hosts={hosts} />
      {making ? <NetworkDialog host={making} hosts={all.map(({ host }) => host)} onClose={() => setMaking(null)} /> : null}
    </>
  );
}

function NetworkTable({ one, reason }: { one: OfHost<Network>; reason: string | null }) {
  if (one.error) return <ProblemAlert problem={problemOf(one.error)} />;
  if (!one.items) return <LoadingPage />;
  if (one.items.length === 0) return <EmptyPage title={t('No virtual network')}>{t('Machines of this host can still use its bridges.')}</EmptyPage>;
  return (
    <Table aria-label={t('Networks of {{host}}', { host: one.host.name })} variant="compact">
      <Thead>
        <Tr>
          <Th>{t('Name')}</Th>
          <Th>{t('State')}</Th>
          <Th>{t('Kind')}</Th>
          <Th>{t('Bridge')}</Th>
          <Th>{t('Addresses')}</Th>
          <Th modifier="fitContent">{t('With the host')}</Th>
          <Th modifier="fitContent">{t('Changed')}</Th>
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {one.items.map((network) => (
          <Tr key={network.uuid}>
            <Td dataLabel={t('Name')}>
              <Link to={paths.network(network.host, network.name)}>{network.name}</Link>
            </Td>
            <Td dataLabel={t('State')}>
              <NetworkState network={network} />
            </Td>
            <Td dataLabel={t('Kind')}>{modeWord(network.mode)}</Td>
            <Td dataLabel={t('Bridge')}>{network.bridge ?? '–'}</Td>
            <Td dataLabel={t('Addresses')}>{network.ranges.map((range) => `${range.address}/${prefixLength(range.prefix)}`).join(', ') || '–'}</Td>
            <Td dataLabel={t('With the host')}>{network.autostart ? t('starts by itself') : t('stays off')}</Td>
            <Td dataLabel={t('Changed')}>
              <LastChange change={network.changed} />
            </Td>
            <Td isActionCell>
              <NetworkActs network={network} reason={reason} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
