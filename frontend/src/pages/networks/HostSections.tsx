import { ExpandableSection, Label } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import { storageKeys, storageQueries, type NwFilter } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { KebabMenu } from '../../components/KebabMenu';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { MachineLinks } from '../machines/MachineLinks';
import { FilterDialog } from './FilterDialog';

/** The host's own interfaces, read when somebody opens the section. */
export function Interfaces({ host }: { host: string }) {
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({ ...storageQueries.interfaces(host), enabled: open, staleTime: 0 });
  const kinds: Record<string, string> = { card: t('network card'), wifi: t('Wi-Fi'), bridge: t('bridge of a network'), 'host-bridge': t('bridge of the host'), bond: t('bond'), vlan: t('VLAN'), machine: t('end of a machine'), virtual: t('made by software') };
  return (
    <ExpandableSection toggleText={t('Interfaces of the host')} isExpanded={open} onToggle={(_, on) => setOpen(on)}>
      {error ? <ProblemAlert problem={problemOf(error)} /> : null}
      {open && !data && !error ? <LoadingPage /> : null}
      {data ? (
        <Table aria-label={t('Interfaces of {{host}}', { host })} variant="compact">
          <Thead>
            <Tr>
              <Th>{t('Name')}</Th>
              <Th>{t('Cable')}</Th>
              <Th>{t('Kind')}</Th>
              <Th>{t('MAC address')}</Th>
              <Th>{t('Joins')}</Th>
              <Th>{t('Belongs to')}</Th>
            </Tr>
          </Thead>
          <Tbody>
            {data.map((one) => (
              <Tr key={one.name}>
                <Td dataLabel={t('Name')}>{one.name}</Td>
                <Td dataLabel={t('Cable')}>
                  <Label isCompact color={one.up ? 'green' : 'grey'}>
                    {one.up === null ? t('unknown') : one.up ? [t('up'), one.speed_mbit ? `${one.speed_mbit} Mbit/s` : ''].join(' ').trim() : t('down')}
                  </Label>
                </Td>
                <Td dataLabel={t('Kind')}>{kinds[one.kind] ?? one.kind}</Td>
                <Td dataLabel={t('MAC address')}>
                  <span className="qd-path">{one.mac ?? '–'}</span>
                </Td>
                <Td dataLabel={t('Joins')}>{one.members.join(', ') || '–'}</Td>
                <Td dataLabel={t('Belongs to')}>
                  {one.network ? <Link to={paths.network(host, one.network)}>{one.network}</Link> : <MachineLinks host={host} names={one.machine ? [one.machine] : one.used_by} />}
                  {one.network ?? one.machine ?? one.used_by[0] ? null : '–'}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      ) : null}
    </ExpandableSection>
  );
}

/** Filters for the cards of machines. */
export function Filters({ host, reason }: { host: string; reason: string | null }) {
  const cache = useQueryClient();
  const [open, setOpen] = useState(false);
  const [edited, setEdited] = useState<{ name: string | null } | null>(null);
  const [doomed, setDoomed] = useState<NwFilter | null>(null);
  const { data, error } = useQuery({ ...storageQueries.filters(host), enabled: open, staleTime: 0 });
  return (
    <ExpandableSection toggleText={t('Network filters')} isExpanded={open} onToggle={(_, on) => setOpen(on)}>
      {error ? <ProblemAlert problem={problemOf(error)} /> : null}
      {open && !data && !error ? <LoadingPage /> : null}
      <ReasonButton variant="secondary" size="sm" reason={reason} onClick={() => setEdited({ name: null })}>
        {t('New filter')}
      </ReasonButton>
      {data?.length === 0 ? <p className="qd-dim">{t('This host has no filters.')}</p> : null}
      {data && data.length > 0 ? (
        <Table aria-label={t('Filters of {{host}}', { host })} variant="compact">
          <Thead>
            <Tr>
              <Th>{t('Name')}</Th>
              <Th>{t('Rules')}</Th>
              <Th>{t('Can be told')}</Th>
              <Th>{t('Used by')}</Th>
              <Th screenReaderText={t('Acts')} />
            </Tr>
          </Thead>
          <Tbody>
            {data.map((one) => (
              <Tr key={one.uuid}>
                <Td dataLabel={t('Name')}>{one.name}</Td>
                <Td dataLabel={t('Rules')}>{[one.rules > 0 ? String(one.rules) : '', ...one.uses].filter(Boolean).join(', ') || '–'}</Td>
                <Td dataLabel={t('Can be told')}>{one.parameters.join(', ') || '–'}</Td>
                <Td dataLabel={t('Used by')}>{one.used_by.join(', ') || <span className="qd-dim">{t('nobody')}</span>}</Td>
                <Td isActionCell>
                  <KebabMenu
                    label={t('Acts of filter {{name}}', { name: one.name })}
                    acts={[
                      { id: 'edit', title: reason ? t('Read XML') : t('Edit XML'), onAct: () => setEdited({ name: one.name }) },
                      { id: 'delete', title: t('Delete'), danger: true, reason: reason ?? (one.used_by.length > 0 ? t('Used by {{machines}}', { machines: one.used_by.join(', ') }) : null), onAct: () => setDoomed(one) },
                    ]}
                  />
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      ) : null}
      {edited ? <FilterDialog host={host} name={edited.name} reason={reason} onClose={() => setEdited(null)} /> : null}
      {doomed ? (
        <PlannedDialog
          title={t('Delete {{name}}?', { name: doomed.name })}
          verb={t('Delete')}
          danger
          variant="small"
          change={{ method: 'DELETE', template: '/hosts/{host}/nwfilters/{nwfilter}', path: { host, nwfilter: doomed.name } }}
          onDone={() => void cache.invalidateQueries({ queryKey: storageKeys.filters(host) })}
          onClose={() => setDoomed(null)}
        >
          {() => <p>{t('No card and no other filter uses it.')}</p>}
        </PlannedDialog>
      ) : null}
    </ExpandableSection>
  );
}
