import { FormSelectOption, FormSelectOptionGroup } from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { storageQueries, type Pool, type Volume } from '../../api/storage';
import type { Medium } from '../../api/systems';
import { useTie } from '../../components/fieldContext';
import { FormSelect, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

interface Props {
  id: string;
  label: string;
  pools: Pool[];
  /** Which volumes to offer. */
  offer: (volume: Volume) => boolean;
  /** Why one cannot be taken. */
  refuse?: (volume: Volume) => string | null;
  value: Medium | undefined;
  onChange: (medium: Medium | undefined) => void;
  /** Whether a path of the host may be given instead. */
  paths?: boolean;
}

const BY_PATH = 'path:';
const keyOf = (pool: string, volume: string) => `volume:${pool}/${volume}`;

/** A volume of any pool that runs, or a path of the host. */
export function VolumeSelect({ id, label, pools, offer, refuse, value, onChange, paths = true }: Props) {
  const active = pools.filter((pool) => pool.active);
  const lists = useQueries({ queries: active.map((pool) => storageQueries.volumes(pool.host, pool.name)) });
  const [byPath, setByPath] = useState(value !== undefined && 'path' in value);
  const tie = useTie(id);
  const chosen = byPath ? BY_PATH : value && 'pool' in value ? keyOf(value.pool, value.volume) : '';
  const choose = (key: string) => {
    setByPath(key === BY_PATH);
    const [pool = '', ...rest] = key.replace('volume:', '').split('/');
    onChange(key === BY_PATH || key === '' ? undefined : { pool, volume: rest.join('/') });
  };
  return (
    <>
      <FormSelect id={id} aria-label={label} {...(byPath ? { validated: 'default' } : {})} value={chosen} onChange={(_, key) => choose(key)}>
        <FormSelectOption value="" label={t('Choose…')} isPlaceholder />
        {active.map((pool, index) => (
          <FormSelectOptionGroup key={pool.uuid} label={t('Pool {{pool}}', { pool: pool.name })}>
            {lists[index]?.data ? null : <FormSelectOption value={`unread:${pool.name}`} label={lists[index]?.error ? t('It could not be read: {{why}}', { why: problemOf(lists[index].error).detail }) : t('It is being read…')} isDisabled />}
            {(lists[index]?.data ?? []).filter(offer).map((volume) => {
              const reason = refuse?.(volume);
              const text = `${volume.name} (${reason ?? formatBytes(volume.capacity_bytes)})`;
              return <FormSelectOption key={volume.name} value={keyOf(pool.name, volume.name)} label={text} isDisabled={!!reason} />;
            })}
          </FormSelectOptionGroup>
        ))}
        {paths ? <FormSelectOption value={BY_PATH} label={t('A path on the host…')} /> : null}
      </FormSelect>
      {byPath ? (
        <TextInput
          id={`${id}-path`}
          className="qd-under"
          aria-label={t('Path on the host')}
          placeholder="/var/lib/libvirt/images/…"
          {...tie}
          value={value && 'path' in value ? value.path : ''}
          onChange={(_, path) => onChange(path ? { path } : undefined)}
        />
      ) : null}
    </>
  );
}
