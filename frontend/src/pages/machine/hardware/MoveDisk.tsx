import { Checkbox, FormGroup, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../../api/client';
import { fieldError } from '../../../api/problem';
import { storageQueries, type Pool } from '../../../api/storage';
import type { Device, Domain, Problem } from '../../../api/types';
import { DeedDialog } from '../../../dialogs/snapshot/DeedDialog';
import { Unready } from '../../../dialogs/snapshot/Unready';
import { Wrong } from '../../../dialogs/snapshot/Wrong';
import { t } from '../../../util/i18n';
import { formatBytes } from '../../../util/units';

interface Props {
  domain: Domain;
  device: Device;
  /** The pool that it lies in now. */
  from: string | null;
  onClose: () => void;
}

interface Wish {
  pool: string;
  format: string;
  speed: string;
  drop: boolean;
}

const FIELDS = ['/pool', '/format', '/bandwidth_mib_s', '/keep_source'];

/** Moves a disk to another pool of the host, while the machine runs or is off. */
export function MoveDisk({ domain, device, from, onClose }: Props) {
  const pools = useQuery(storageQueries.pools(domain.host));
  const [etag] = useState(domain.etag);
  const [wish, setWish] = useState<Partial<Wish>>({});
  const title = t('Move {{device}}', { device: device.title });
  if (!pools.data) return <Unready title={title} problem={pools.error ? problemOf(pools.error) : null} onRetry={() => void pools.refetch()} onClose={onClose} />;
  const active = pools.data.filter((pool) => pool.active);
  const full: Wish = { pool: (active.find((pool) => pool.name !== from) ?? active[0])?.name ?? '', format: '', speed: '', drop: false, ...wish };
  const body = {
    pool: full.pool,
    format: full.format || undefined,
    bandwidth_mib_s: full.speed === '' ? undefined : Number(full.speed),
    keep_source: !full.drop,
  };
  const set = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const deed = { method: 'POST' as const, path: `/devices/${encodeURIComponent(device.id)}/move`, body, ifMatch: etag };
  return (
    <DeedDialog domain={domain} title={title} verb={t('Move')} deed={full.pool && !Number.isNaN(body.bandwidth_mib_s ?? 0) ? deed : null} fields={FIELDS} onClose={onClose}>
      {(problem) => <Fields wish={full} set={set} pools={pools.data} from={from} problem={problem} />}
    </DeedDialog>
  );
}

interface FieldsProps {
  wish: Wish;
  set: (part: Partial<Wish>) => void;
  pools: Pool[];
  from: string | null;
  problem: Problem | null;
}

function Fields({ wish, set, pools, from, problem }: FieldsProps) {
  const formats = pools.find((pool) => pool.name === wish.pool)?.formats ?? [];
  return (
    <>
      <FormGroup label={t('To pool')} fieldId="move-pool">
        <FormSelect id="move-pool" value={wish.pool} onChange={(_, pool) => set({ pool, format: '' })}>
          {pools.map((pool) => (
            <FormSelectOption key={pool.uuid} value={pool.name} isDisabled={!pool.active} label={poolLabel(pool, from)} />
          ))}
        </FormSelect>
        <Wrong text={fieldError(problem, '/pool')} />
      </FormGroup>
      <FormGroup label={t('Format')} fieldId="move-format">
        <FormSelect id="move-format" value={wish.format} onChange={(_, format) => set({ format })}>
          <FormSelectOption value="" label={t('As it is, where the pool can')} />
          {formats.map((format) => (
            <FormSelectOption key={format} value={format} label={format} />
          ))}
        </FormSelect>
        <Wrong text={fieldError(problem, '/format')} />
      </FormGroup>
      <FormGroup label={t('At most (MiB/s)')} fieldId="move-speed">
        <TextInput id="move-speed" inputMode="numeric" value={wish.speed} placeholder={t('no limit')} onChange={(_, speed) => set({ speed: speed.trim() })} />
        <Wrong text={fieldError(problem, '/bandwidth_mib_s')} />
      </FormGroup>
      <FormGroup role="group" label={t('The present file')} fieldId="move-drop">
        <Checkbox
          id="move-drop"
          label={t('Delete it at the end')}
          description={t('Only once the machine uses the copy. Otherwise it stays, and takes its space.')}
          isChecked={wish.drop}
          onChange={(_, drop) => set({ drop })}
        />
        <Wrong text={fieldError(problem, '/keep_source')} />
      </FormGroup>
    </>
  );
}

function poolLabel(pool: Pool, from: string | null): string {
  if (!pool.active) return t('{{pool}} (does not run)', { pool: pool.name });
  const free = t('{{size}} free', { size: formatBytes(pool.available_bytes) });
  return pool.name === from ? t('{{pool}}, where it lies now ({{free}})', { pool: pool.name, free }) : `${pool.name} (${free})`;
}
