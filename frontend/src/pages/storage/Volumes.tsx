import { Button, Checkbox, Label, SearchInput } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr, type ThProps } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { unread } from '../../api/client';
import { lacks, storageQueries, VOLUME, type Pool, type Volume } from '../../api/storage';
import { Hint } from '../../components/Hint';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { MachineLinks } from '../machines/MachineLinks';
import { XmlButton } from '../xml/XmlButton';
import { keyOf, neededBy, usedBy } from './erase';
import { EraseDialog } from './EraseDialog';
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
  const [ticked, setTicked] = useState<string[]>([]);
  const [erasing, setErasing] = useState(false);
  const problem = unread({ data, error });
  if (problem) return <ErrorPage isPart problem={problem} retry={refetch} />;
  if (!data) return <LoadingPage />;
  if (data.length === 0) return <EmptyPage title={t('Nothing in this pool yet')}>{t('Upload or download an installation medium, or create a volume.')}</EmptyPage>;
  const shown = data.filter((volume) => matches(volume, systems.get(volume.name), words)).sort((one, other) => compare(one, other, by.column) * (by.down ? -1 : 1));
  const here = data.map((volume) => volume.name);
  // What images of this pool need may go together with these.
  const stays = (volume: Volume) => reason ?? lacks(pool, 'delete') ?? usedBy(volume) ?? (volume.needed_by.every((name) => here.includes(name)) ? null : neededBy(volume));
  const chosen = data.filter((volume) => ticked.includes(keyOf(volume)) && !stays(volume));
  const free = shown.filter((volume) => !stays(volume)).map(keyOf);
  const allChosen = free.length > 0 && free.every((key) => ticked.includes(key));
  const tick = (key: string, on: boolean) => setTicked(on ? [...ticked, key] : ticked.filter((other) => other !== key));
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
      {chosen.length > 0 ? (
        <div className="qd-bulk" role="toolbar" aria-label={t('Acts on the selected volumes')}>
          <strong>{t('{{count}} selected', { count: chosen.length })}</strong>
          <Button variant="danger" size="sm" onClick={() => setErasing(true)}>
            {t('Delete them')}
          </Button>
          <Button variant="link" size="sm" onClick={() => setTicked([])}>
            {t('Clear')}
          </Button>
        </div>
      ) : null}
      {erasing ? <EraseDialog host={pool.host} volumes={chosen} onLeft={setTicked} onClose={() => setErasing(false)} /> : null}
      {shown.length === 0 ? (
        <EmptyPage title={t('No volume is like this')} actions={<Button variant="link" onClick={() => setWords('')}>{t('Show all')}</Button>} />
      ) : (
        <Table aria-label={t('Volumes of {{pool}}', { pool: pool.name })} variant="compact">
          <Thead>
            <Tr>
              <Th modifier="fitContent">
                <Checkbox id="volumes-all" aria-label={t('Select all that nobody uses')} isDisabled={free.length === 0} isChecked={allChosen ? true : chosen.length > 0 ? null : false} onChange={(_, on) => setTicked(on ? free : [])} />
              </Th>
              <Th sort={sort('name', 1)}>{t('Name')}</Th>
              <Th modifier="nowrap">{t('Format')}</Th>
              <Th modifier="nowrap" sort={sort('capacity_bytes', 3)}>{t('Size')}</Th>
              <Th modifier="nowrap" sort={sort('allocation_bytes', 4)}>{t('On disk')}</Th>
              <Th>{t('Used by')}</Th>
              <Th screenReaderText={t('Acts')} />
            </Tr>
          </Thead>
          <Tbody>
            {shown.map((volume) => (
              <VolumeRow key={volume.name} volume={volume} system={systems.get(volume.name)} pool={pool} reason={reason} stays={stays(volume)} ticked={ticked.includes(keyOf(volume))} onTick={tick} />
            ))}
          </Tbody>
        </Table>
      )}
    </>
  );
}

interface RowProps {
  volume: Volume;
  system: string | undefined;
  pool: Pool;
  reason: string | null;
  /** Why it cannot be deleted with others. */
  stays: string | null;
  ticked: boolean;
  onTick: (key: string, on: boolean) => void;
}

function VolumeRow({ volume, system, pool, reason, stays, ticked, onTick }: RowProps) {
  return (
    <Tr>
      <Td modifier="fitContent">
        <Hint text={stays}>
          <Checkbox id={`pick-${volume.name}`} aria-label={t('Select {{name}}', { name: volume.name })} isDisabled={stays !== null} isChecked={ticked && stays === null} onChange={(_, on) => onTick(keyOf(volume), on)} />
        </Hint>
      </Td>
      <Td dataLabel={t('Name')}>
        <span className="qd-path">{volume.name}</span>{' '}
        {volume.partial ? (
          <>
            <Label color="orange" isCompact>
              {t('not complete')}
            </Label>
            <div className="qd-dim">{t('{{received}} came so far. An upload that was cut goes on with the same file.', { received: formatBytes(volume.partial.received_bytes) })}</div>
          </>
        ) : null}
        {volume.replacement ? (
          <>
            <Label color="orange" isCompact>
              {t('being replaced')}
            </Label>
            <div className="qd-dim">{t('{{received}} of {{size}} came so far; until all is there it stays as it is. An upload that was cut goes on with the same file.', { received: formatBytes(volume.replacement.received_bytes), size: formatBytes(volume.replacement.size_bytes) })}</div>
          </>
        ) : null}
      </Td>
      <Td dataLabel={t('Format')}>
        {formatOf(volume)}
        {system ? <div className="qd-dim">{system}</div> : null}
      </Td>
      <Td dataLabel={t('Size')}>{formatBytes(volume.capacity_bytes)}</Td>
      <Td dataLabel={t('On disk')}>{formatBytes(volume.allocation_bytes)}</Td>
      <Td dataLabel={t('Used by')}>
        {volume.used_by.length > 0 ? <MachineLinks host={pool.host} names={volume.used_by} /> : null}
        {volume.used_by.length === 0 && volume.needed_by.length === 0 ? <span className="qd-dim">{t('nobody')}</span> : null}
        {volume.needed_by.length > 0 ? <div className="qd-dim">{t('Needed by {{names}}', { names: volume.needed_by.join(', ') })}</div> : null}
      </Td>
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
  const said = [volume.name, formatOf(volume), system, ...volume.used_by, ...volume.needed_by].join(' ').toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

function compare(one: Volume, other: Volume, column: Column): number {
  return column === 'name' ? one.name.localeCompare(other.name, undefined, { numeric: true }) : one[column] - other[column];
}
