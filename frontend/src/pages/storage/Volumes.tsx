import { Button, Label, SearchInput } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr, type ThProps } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { storageQueries, VOLUME, type Pool, type Volume } from '../../api/storage';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { MachineLinks } from '../machines/MachineLinks';
import { XmlButton } from '../xml/XmlButton';
import { VolumeActs } from './VolumeActs';

/** From so many volumes on they can be filtered. */
const MANY = 8;

type Column = 'name' | 'capacity_bytes' | 'allocation_bytes';

/** What is in a pool and who uses it; sorted and filtered here. */
export function Volumes({ pool, reason }: { pool: Pool; reason: string | null }) {
  const { data, error, refetch } = useQuery(storageQueries.volumes(pool.host, pool.name));
  const told = useQuery({ ...storageQueries.systems(pool.host, pool.name), enabled: data !== undefined }).data;
  const systems = new Map(told?.map((each) => [each.volume, each.by_name ? t('{{name}}, by its name', { name: each.system }) : each.system]));
  const [words, setWords] = useState('');
  const [by, setBy] = useState<{ column: Column; down: boolean }>({ column: 'name', down: false });
  if (error) return <ErrorPage isPart problem={problemOf(error)} retry={refetch} />;
  if (!data) return <LoadingPage />;
  if (data.length === 0) return <EmptyPage title={t('Nothing in this pool yet')}>{t('Upload or download an installation medium, or create a volume.')}</EmptyPage>;
  const shown = data.filter((volume) => matches(volume, systems.get(volume.name), words)).sort((one, other) => compare(one, other, by.column) * (by.down ? -1 : 1));
  const sort = (column: Column, columnIndex: number): NonNullable<ThProps['sort']> => ({
    columnIndex,
    sortBy: by.column === column ? { index: columnIndex, direction: by.down ? 'desc' : 'asc' } : {},
    onSort: (_, __, direction) => setBy({ column, down: direction === 'desc' }),
  });
  return (
    <>
      {data.length < MANY ? null : (
        <SearchInput
          className="qd-volume-filter"
          aria-label={t('Filter the volumes')}
          placeholder={t('Name, format, system, or who uses it')}
          value={words}
          onChange={(_, next) => setWords(next)}
          onClear={() => setWords('')}
          resultsCount={words ? t('{{shown}} of {{all}}', { shown: shown.length, all: data.length }) : undefined}
        />
      )}
      {shown.length === 0 ? (
        <EmptyPage title={t('No volume is like this')} actions={<Button variant="link" onClick={() => setWords('')}>{t('Show all')}</Button>} />
      ) : (
        <Table aria-label={t('Volumes of {{pool}}', { pool: pool.name })} variant="compact">
          <Thead>
            <Tr>
              <Th sort={sort('name', 0)}>{t('Name')}</Th>
              <Th>{t('Format')}</Th>
              <Th modifier="nowrap" sort={sort('capacity_bytes', 2)}>{t('Size')}</Th>
              <Th modifier="nowrap" sort={sort('allocation_bytes', 3)}>{t('On disk')}</Th>
              <Th>{t('Used by')}</Th>
              <Th screenReaderText={t('Acts')} />
            </Tr>
          </Thead>
          <Tbody>
            {shown.map((volume) => (
              <VolumeRow key={volume.name} volume={volume} system={systems.get(volume.name)} pool={pool} reason={reason} />
            ))}
          </Tbody>
        </Table>
      )}
    </>
  );
}

function VolumeRow({ volume, system, pool, reason }: { volume: Volume; system: string | undefined; pool: Pool; reason: string | null }) {
  return (
    <Tr>
      <Td dataLabel={t('Name')}>
        <span className="qd-path">{volume.name}</span>{' '}
        {volume.partial ? (
          <Label color="orange" isCompact>
            {t('not complete')}
          </Label>
        ) : null}
      </Td>
      <Td dataLabel={t('Format')}>
        {formatOf(volume)}
        {system ? <div className="qd-dim">{system}</div> : null}
      </Td>
      <Td dataLabel={t('Size')}>{formatBytes(volume.capacity_bytes)}</Td>
      <Td dataLabel={t('On disk')}>{formatBytes(volume.allocation_bytes)}</Td>
      <Td dataLabel={t('Used by')}>{volume.used_by.length > 0 ? <MachineLinks host={pool.host} names={volume.used_by} /> : <span className="qd-dim">{t('nobody')}</span>}</Td>
      <Td isActionCell modifier="nowrap">
        <XmlButton
          what={volume.name}
          template={`${VOLUME}/xml`}
          path={{ host: pool.host, pool: pool.name, volume: volume.name }}
          reason={t('libvirt reads it from the volume itself: it can be looked at, not changed.')}
          size="sm"
        />
        <VolumeActs volume={volume} pool={pool} reason={reason} />
      </Td>
    </Tr>
  );
}

function formatOf(volume: Volume): string {
  const format = volume.is_iso ? 'iso' : (volume.format ?? '');
  return volume.encrypted ? t('{{format}}, encrypted', { format }) : format;
}

function matches(volume: Volume, system: string | undefined, words: string): boolean {
  const said = [volume.name, formatOf(volume), system, ...volume.used_by].join(' ').toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

function compare(one: Volume, other: Volume, column: Column): number {
  return column === 'name' ? one.name.localeCompare(other.name, undefined, { numeric: true }) : one[column] - other[column];
}
