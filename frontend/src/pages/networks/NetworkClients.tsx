import { Button, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { unread } from '../../api/client';
import { NETWORK, storageKeys, storageQueries, type Network, type NetworkClient } from '../../api/storage';
import { KebabMenu } from '../../components/KebabMenu';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import { MachineLinks } from '../machines/MachineLinks';
import { settingsOf, toBody, withIp } from './settings';

/** Who is on a network, with the addresses that they have and that are kept for them. */
export function NetworkClients({ network, reason }: { network: Network; reason: string | null }) {
  const { data, error, refetch, isFetching } = useQuery({ ...storageQueries.clients(network.host, network.name), staleTime: 0 });
  const [kept, setKept] = useState<NetworkClient | null>(null);
  const problem = unread({ data, error });
  if (problem) return <ErrorPage isPart problem={problem} retry={refetch} />;
  if (!data) return <LoadingPage />;
  if (data.length === 0) return <EmptyPage title={t('Nobody is on it')}>{t('Give a machine a card on this network.')}</EmptyPage>;
  return (
    <>
      <div className="qd-pad">
        <Button variant="secondary" size="sm" isLoading={isFetching} onClick={() => void refetch()}>
          {t('Look again')}
        </Button>
      </div>
      <Table aria-label={t('Who is on {{network}}', { network: network.name })} variant="compact">
        <Thead>
          <Tr>
            <Th>{t('Machine')}</Th>
            <Th>{t('Cable')}</Th>
            <Th>{t('Address')}</Th>
            <Th>{t('Name')}</Th>
            <Th>{t('MAC address')}</Th>
            <Th>{t('Device')}</Th>
            <Th screenReaderText={t('Acts')} />
          </Tr>
        </Thead>
        <Tbody>
          {data.map((client) => (
            <Tr key={[client.mac, client.duid, client.machine, ...client.reserved].join(' ')}>
              <Td dataLabel={t('Machine')}>{client.machine ? <MachineLinks host={network.host} names={[client.machine]} /> : <span className="qd-dim">{t('no machine of this host')}</span>}</Td>
              <Td dataLabel={t('Cable')}>
                <Cable client={client} />
              </Td>
              <Td dataLabel={t('Address')}>
                <Addresses client={client} />
              </Td>
              <Td dataLabel={t('Name')}>{client.hostname ?? '–'}</Td>
              <Td dataLabel={t('MAC address')}>
                <span className="qd-path">{client.mac ?? client.duid ?? '–'}</span>
              </Td>
              <Td dataLabel={t('Device')}>{client.device ?? '–'}</Td>
              <Td isActionCell>
                <KebabMenu
                  label={t('Acts of {{client}}', { client: nameOf(client) })}
                  acts={[{ id: 'keep', title: t('Keep its address for it'), reason: reason ?? unkept(network, client), onAct: () => setKept(client) }]}
                />
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {kept ? <KeepDialog network={network} client={kept} onClose={() => setKept(null)} /> : null}
    </>
  );
}

const nameOf = (client: NetworkClient) => client.machine ?? client.hostname ?? client.mac ?? client.duid ?? client.reserved[0] ?? '';
const leaseOf = (client: NetworkClient) => client.addresses.find(({ address }) => !address.includes(':'));
/** Where the network gives out IPv4 addresses. */
const servedBy = (network: Network) => settingsOf(network).ips?.findIndex((ip) => ip.family !== 'ipv6' && ((ip.ranges ?? []).length > 0 || (ip.hosts ?? []).length > 0)) ?? -1;

function unkept(network: Network, client: NetworkClient): string | null {
  if (!network.settings) return t('The network’s definition goes beyond the form; edit its XML.');
  if (client.reserved.length > 0) return t('{{address}} is kept for it already.', { address: client.reserved.join(', ') });
  if (!leaseOf(client) || !client.mac) return t('It has no IPv4 address of this network now.');
  return servedBy(network) < 0 ? t('This network gives out no IPv4 addresses.') : null;
}

/** Keeps the address that somebody has now for the same card. */
function KeepDialog({ network, client, onClose }: { network: Network; client: NetworkClient; onClose: () => void }) {
  const cache = useQueryClient();
  const [settings, number, address] = [settingsOf(network), servedBy(network), leaseOf(client)?.address ?? ''];
  const ip = settings.ips?.[number];
  if (!ip) return null;
  const host = { mac: client.mac, name: client.hostname, address } as NonNullable<typeof ip.hosts>[number];
  const body = toBody(withIp(settings, number, { ...ip, hosts: [...(ip.hosts ?? []), host] }));
  return (
    <PlannedDialog
      title={t('Keep {{address}} for {{client}}?', { address, client: nameOf(client) })}
      verb={t('Keep it')}
      variant="small"
      change={{ method: 'PUT', template: NETWORK, path: { host: network.host, network: network.name }, body, ifMatch: network.etag }}
      onDone={() => void cache.invalidateQueries({ queryKey: storageKeys.networks(network.host) })}
      onClose={onClose}
    >
      {() => <p>{t('The card {{mac}} gets this address each time, and nobody else does. The network goes on running.', { mac: client.mac ?? '' })}</p>}
    </PlannedDialog>
  );
}

function Addresses({ client }: { client: NetworkClient }) {
  const kept = client.reserved.filter((address) => !client.addresses.some((one) => one.address === address));
  if (client.addresses.length + kept.length === 0) return <>–</>;
  return (
    <>
      {client.addresses.map(({ address, expires }) => (
        <div key={address}>
          {address} <span className="qd-dim">{client.reserved.includes(address) ? t('reserved') : expires > 0 ? t('until {{time}}', { time: formatTime(new Date(expires * 1000).toISOString()) }) : t('for good')}</span>
        </div>
      ))}
      {kept.map((address) => (
        <div key={address} className="qd-dim">
          {t('{{address}} reserved', { address })}
        </div>
      ))}
    </>
  );
}

function Cable({ client }: { client: NetworkClient }) {
  if (!client.machine) return <>–</>;
  const [color, word] = !client.running
    ? (['grey', t('machine is off')] as const)
    : client.waits
      ? (['blue', t('at its next start')] as const)
      : client.cut_off
        ? (['orange', t('cut off')] as const)
        : client.link_up
          ? (['green', t('plugged in')] as const)
          : (['orange', t('pulled out')] as const);
  return (
    <Label isCompact color={color}>
      {word}
    </Label>
  );
}
