import { FormSelect, FormSelectOption, FormSelectOptionGroup } from '@patternfly/react-core';
import { useState } from 'react';
import { useHosts } from '../../api/queries';
import { lacks, usePools, usualPool, type Pool } from '../../api/storage';
import type { Host } from '../../api/types';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

interface Group {
  host: Host;
  pools: Pool[];
}

interface Choice {
  groups: Group[];
  /** The pool that is chosen; undefined where none runs. */
  pool: Pool | undefined;
  choose: (pool: Pool) => void;
}

/** The running pools of a host, or of these hosts, that take files, and the one that is chosen. */
export function usePoolChoice(host: string, first: string | undefined, hosts: Host[] | undefined): Choice {
  const known = useHosts();
  const groups = usePools(hosts ?? known.filter(({ id }) => id === host)).map((one) => ({ host: one.host, pools: (one.items ?? []).filter((pool) => pool.active && !lacks(pool, 'create') && !lacks(pool, 'upload')) }));
  const [chosen, choose] = useState({ host, name: first ?? '' });
  const pools = groups.flatMap((group) => group.pools);
  const there = pools.filter((pool) => pool.host === chosen.host);
  return { groups, pool: there.find((pool) => pool.name === chosen.name) ?? usualPool(there) ?? usualPool(pools), choose };
}

/** The pools by host, each with what is free in it. */
export function PoolChoice({ id, choice: { groups, pool, choose } }: { id: string; choice: Choice }) {
  const keyOf = (one: Pool) => `${one.host}/${one.name}`;
  const pools = groups.flatMap((group) => group.pools);
  const pick = (key: string) => {
    const picked = pools.find((one) => keyOf(one) === key);
    if (picked) choose(picked);
  };
  const options = (some: Pool[]) =>
    some.map((one) => <FormSelectOption key={keyOf(one)} value={keyOf(one)} label={t('{{pool}} ({{free}} free)', { pool: one.name, free: formatBytes(one.available_bytes) })} />);
  return (
    <FormSelect id={id} value={pool ? keyOf(pool) : ''} onChange={(_, key) => pick(key)}>
      {groups.length > 1
        ? groups.map(({ host, pools: some }) => (
            <FormSelectOptionGroup key={host.id} label={host.name}>
              {options(some)}
            </FormSelectOptionGroup>
          ))
        : options(pools)}
    </FormSelect>
  );
}
