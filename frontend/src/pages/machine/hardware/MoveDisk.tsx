import { Checkbox, FormGroup, FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { DOMAIN, problemOf } from '../../../api/client';
import { fieldError } from '../../../api/problem';
import { storageQueries, type Pool } from '../../../api/storage';
import type { Device, Domain, Problem } from '../../../api/types';
import { PlannedDialog } from '../../../dialogs/PlannedDialog';
import { useVersioned } from '../../../dialogs/useVersioned';
import { Unready } from '../../../dialogs/snapshot/Unready';
import { Wrong } from '../../../dialogs/snapshot/Wrong';
import { FormSelect, TextInput } from '../../../components/inputs';
import { Field } from '../../../components/Field';
import { t } from '../../../util/i18n';
import { formatBytes, wholeOr } from '../../../util/units';

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
  const { value: wish, set: setWish, etag, meanwhile } = useVersioned(domain, (): Partial<Wish> => ({}));
  const title = t('Move {{device}}', { device: device.title });
  if (!pools.data) return <Unready title={title} problem={pools.error ? problemOf(pools.error) : null} onRetry={() => void pools.refetch()} onClose={onClose} />;
  const active = pools.data.filter((pool) => pool.active);
  const full: Wish = { pool: (active.find((pool) => pool.name !== from) ?? active[0])?.name ?? '', format: '', speed: '', drop: false, ...wish };
  const body = {
    pool: full.pool,
    format: full.format || undefined,
    bandwidth_mib_s: full.speed === '' ? undefined : wholeOr(full.speed),
    keep_source: !full.drop,
  };
  const set = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const path = { host: domain.host, uuid: domain.uuid, device: device.id };
  const change = { method: 'POST' as const, template: `${DOMAIN}/devices/{device}/move`, path, body, ifMatch: etag };
  return (
    <PlannedDialog
      title={title}
      description={domain.name}
      verb={t('Move')}
      blocked={full.pool ? null : t('No pool of this host runs. Start one first.')}
      change={change}
      done={`${domain.name}: ${title}`}
      shown={FIELDS}
      meanwhile={meanwhile && { name: domain.name, ...meanwhile }}
      onClose={onClose}
    >
      {(problem) => <Fields wish={full} set={set} pools={pools.data} from={from} problem={problem} />}
    </PlannedDialog>
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
      <Field id="move-pool" label={t('To pool')} error={fieldError(problem, '/pool')}>
        <FormSelect id="move-pool" value={wish.pool} onChange={(_, pool) => set({ pool, format: '' })}>
          {pools.map((pool) => (
            <FormSelectOption key={pool.uuid} value={pool.name} isDisabled={!pool.active} label={poolLabel(pool, from)} />
          ))}
        </FormSelect>
      </Field>
      <Field id="move-format" label={t('Format')} error={fieldError(problem, '/format')}>
        <FormSelect id="move-format" value={wish.format} onChange={(_, format) => set({ format })}>
          <FormSelectOption value="" label={t('As it is, where the pool can')} />
          {formats.map((format) => (
            <FormSelectOption key={format} value={format} label={format} />
          ))}
        </FormSelect>
      </Field>
      <Field id="move-speed" label={t('At most (MiB/s)')} error={fieldError(problem, '/bandwidth_mib_s')}>
        <TextInput id="move-speed" inputMode="numeric" value={wish.speed} placeholder={t('no limit')} onChange={(_, speed) => set({ speed: speed.trim() })} />
      </Field>
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
