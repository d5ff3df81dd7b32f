import { Label, PageSection, Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { problemOf } from '../../api/client';
import { useRooms } from '../../api/live';
import { useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import { useNetworks, type Network, type OfHost } from '../../api/storage';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { NetworkStart } from './NetworkStart';

/** The virtual networks of all hosts. */
export default function NetworksPage() {
  const all = useNetworks(useHosts());
  useRooms(all.map(({ host }) => `host:${host.id}`));
  const reason = useCan('network:edit') ? null : t('Your role may look at networks, not change them.');
  return (
    <>
      <PageHeader title={t('Networks')} subtitle={t('Virtual networks that machines can be on')} />
      {all.map((one) => (
        <PageSection key={one.host.id}>
          {all.length > 1 ? (
            <Title headingLevel="h2" size="lg">
              {one.host.name}
            </Title>
          ) : null}
          <NetworkTable one={one} reason={reason} />
        </PageSection>
      ))}
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
          <Th>{t('With the host')}</Th>
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {one.items.map((network) => (
          <Tr key={network.uuid}>
            <Td dataLabel={t('Name')}>{network.name}</Td>
            <Td dataLabel={t('State')}>
              <Label isCompact color={network.active ? 'green' : 'grey'}>
                {network.active ? t('Running') : t('Off')}
              </Label>
            </Td>
            <Td dataLabel={t('Kind')}>{modeWord(network.mode)}</Td>
            <Td dataLabel={t('Bridge')}>{network.bridge ?? '–'}</Td>
            <Td dataLabel={t('Addresses')}>{network.ranges.map((range) => `${range.address}/${prefixLength(range.prefix)}`).join(', ') || '–'}</Td>
            <Td dataLabel={t('With the host')}>{network.autostart ? t('starts by itself') : t('stays off')}</Td>
            <Td isActionCell>
              <NetworkStart network={network} reason={reason ?? (network.active ? t('It runs already.') : null)} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

/** What a kind of network means for a machine on it. */
export function modeWord(mode: string): string {
  const words: Record<string, string> = {
    nat: t('NAT'),
    routed: t('routed'),
    open: t('open'),
    isolated: t('isolated'),
    bridge: t('bridge of the host'),
  };
  return words[mode] ?? mode;
}

/** 255.255.255.0 as 24; a prefix stays as it is. */
function prefixLength(prefix: string): string {
  if (!prefix.includes('.')) return prefix;
  return String(prefix.split('.').reduce((bits, part) => bits + Number(part).toString(2).replaceAll('0', '').length, 0));
}
