import { FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { problemOf } from '../../../../api/client';
import { FormSelect } from '../../../../components/inputs';
import { Field } from '../../../../components/Field';
import { t } from '../../../../util/i18n';
import { formatBytes } from '../../../../util/units';
import { pools, volumes, type Pool, type Volume } from '../sources';

interface PoolProps {
  host: string;
  pool: string | null;
  error?: string | undefined;
  onChange: (pool: string | null) => void;
}

/** A pool of the host, with the space that is left in it. */
export function PoolField({ host, pool, error, onChange }: PoolProps) {
  const list = useQuery(pools(host));
  const label = (one: Pool) =>
    one.active ? t('{{name}} ({{free}} free)', { name: one.name, free: formatBytes(one.available_bytes) }) : t('{{name}} (not running)', { name: one.name });
  return (
    <Field id="pool" label={t('Pool')} error={error ?? (list.error ? problemOf(list.error).detail : undefined)}>
      <FormSelect id="pool" value={pool ?? ''} validated={error ? 'error' : 'default'} aria-describedby="pool-help" onChange={(_, next) => onChange(next || null)}>
        <FormSelectOption value="" label={list.isPending ? t('Reading …') : t('Choose a pool')} isPlaceholder />
        {(list.data ?? []).map((one) => (
          <FormSelectOption key={one.name} value={one.name} label={label(one)} isDisabled={!one.active} />
        ))}
      </FormSelect>
    </Field>
  );
}

interface Props {
  host: string;
  pool: string | null;
  volume: string | null;
  /** Which volumes come first; the others follow. */
  first: (volume: Volume) => boolean;
  error: (pointer: string) => string | undefined;
  onChange: (part: { pool: string | null; volume: string | null }) => void;
  label: string;
  help?: string;
}

/** A volume of a pool. One that another machine uses says so, and may be chosen all the same. */
export function VolumeFields({ host, pool, volume, first, error, onChange, label, help }: Props) {
  const list = useQuery(volumes(host, pool ?? ''));
  const sorted = [...(list.data ?? [])].sort((a, b) => Number(first(b)) - Number(first(a)) || a.name.localeCompare(b.name));
  const text = (one: Volume) => {
    const size = `${one.name} (${formatBytes(one.capacity_bytes)})`;
    return one.used_by.length > 0 ? t('{{volume}}, used by {{machines}}', { volume: size, machines: one.used_by.join(', ') }) : size;
  };
  const problem = error('/volume') ?? (list.error ? problemOf(list.error).detail : undefined);
  const placeholder = !pool ? t('Choose a pool first') : list.isPending ? t('Reading …') : sorted.length === 0 ? t('The pool is empty') : t('Choose one');
  return (
    <>
      <PoolField host={host} pool={pool} error={error('/pool')} onChange={(next) => onChange({ pool: next, volume: null })} />
      <Field id="volume" label={label} error={problem} help={help}>
        <FormSelect
          id="volume"
          value={volume ?? ''}
          validated={problem ? 'error' : 'default'}
          aria-describedby="volume-help"
          isDisabled={!pool}
          onChange={(_, next) => onChange({ pool, volume: next || null })}
        >
          <FormSelectOption value="" label={placeholder} isPlaceholder />
          {sorted.map((one) => (
            <FormSelectOption key={one.name} value={one.name} label={text(one)} />
          ))}
        </FormSelect>
      </Field>
    </>
  );
}
