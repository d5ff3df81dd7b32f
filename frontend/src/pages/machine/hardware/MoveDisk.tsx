import { Checkbox, FormGroup, FormSelectOption } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { DOMAIN, problemOf } from '../../../api/client';
import { errorWithin, fieldError } from '../../../api/problem';
import { queries } from '../../../api/queries';
import { storageQueries, type Pool } from '../../../api/storage';
import type { Device, Domain, DomainVolume, Problem } from '../../../api/types';
import { disksOf } from '../../../dialogs/clone/wish';
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
  /** This disk alone; without it those that are chosen. */
  device?: Device;
  onClose: () => void;
}

interface Wish {
  pool: string;
  format: string;
  speed: string;
  drop: boolean;
  /** Targets of the disks. */
  disks: string[];
}

const FIELDS = ['/pool', '/format', '/bandwidth_mib_s', '/keep_source', '/disks'];

/** Moves disks to another pool of the host, while the machine runs or is off. */
export function MoveDisk({ domain, device, onClose }: Props) {
  const pools = useQuery(storageQueries.pools(domain.host));
  const volumes = useQuery(queries.domainVolumes(domain.host, domain.uuid));
  const { value: wish, set: setWish, etag, meanwhile } = useVersioned(domain, (): Partial<Wish> => ({}));
  const title = device ? t('Move {{device}}', { device: device.title }) : t('Move the disks of {{name}}', { name: domain.name });
  const failure = pools.error ?? volumes.error;
  if (!pools.data || !volumes.data) return <Unready title={title} problem={failure ? problemOf(failure) : null} onRetry={() => void Promise.all([pools.refetch(), volumes.refetch()])} onClose={onClose} />;
  const disks = device ? [movable(device.id, device.title, volumes.data)] : disksOf(domain).filter((disk) => disk.device === 'disk' && !disk.empty).map((disk) => movable(`disk-${disk.target}`, disk.title, volumes.data, disk.own));
  const active = pools.data.filter((pool) => pool.active);
  const pool = wish.pool ?? (active.find(({ name }) => disks.every((disk) => disk.pool !== name)) ?? active.find(({ name }) => disks.some((disk) => disk.pool !== name)) ?? active[0])?.name ?? '';
  const usual = device ? disks : disks.filter((disk) => disk.pool !== pool && disk.own);
  const full: Wish = { format: '', speed: '', drop: false, disks: usual.map(({ target }) => target), ...wish, pool };
  const body = {
    pool: full.pool,
    disks: full.disks,
    format: full.format || undefined,
    bandwidth_mib_s: full.speed === '' ? undefined : wholeOr(full.speed),
    keep_source: !full.drop,
  };
  const set = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const change = { method: 'POST' as const, template: `${DOMAIN}/disks/move`, path: { host: domain.host, uuid: domain.uuid }, body, ifMatch: etag };
  const none = disks.length === 0 ? t('It has no disk that could move.') : full.disks.length === 0 ? t('Choose a disk.') : null;
  return (
    <PlannedDialog
      title={title}
      description={device ? domain.name : t('To another pool of its host, one after the other.')}
      verb={t('Move')}
      blocked={full.pool ? none : t('No pool of this host runs. Start one first.')}
      change={change}
      done={device ? `${domain.name}: ${title}` : title}
      shown={FIELDS}
      meanwhile={meanwhile && { name: domain.name, ...meanwhile }}
      onClose={onClose}
    >
      {(problem) => (
        <>
          {device ? <Wrong text={errorWithin(problem, '/disks')} /> : <Choice disks={disks} chosen={full.disks} problem={problem} onChoose={(disks) => set({ disks })} />}
          <Fields wish={full} set={set} pools={pools.data} from={disks.length === 1 ? (disks[0]?.pool ?? null) : null} problem={problem} />
        </>
      )}
    </PlannedDialog>
  );
}

interface Movable {
  target: string;
  title: string;
  /** Whether the guest alone writes to it. */
  own: boolean;
  /** The pool that it lies in now. */
  pool: string | null;
}

function movable(id: string, title: string, volumes: DomainVolume[], own = true): Movable {
  const target = id.replace(/^disk-/, '');
  return { target, title, own, pool: volumes.find((volume) => volume.target === target)?.pool ?? null };
}

interface ChoiceProps {
  disks: Movable[];
  chosen: string[];
  problem: Problem | null;
  onChoose: (chosen: string[]) => void;
}

/** Which disks move, each with where it lies and why it cannot. */
function Choice({ disks, chosen, problem, onChoose }: ChoiceProps) {
  return (
    <FormGroup role="group" label={t('Disks')} fieldId="move-disks">
      {disks.map(({ target, title, pool }) => (
        <Checkbox
          key={target}
          id={`move-disk-${target}`}
          label={title}
          description={
            <>
              {pool ? t('in pool {{pool}}', { pool }) : t('in no pool that runs')}
              <Wrong text={chosen.includes(target) ? fieldError(problem, `/disks/${chosen.indexOf(target)}`) : undefined} />
            </>
          }
          isChecked={chosen.includes(target)}
          onChange={(_, on) => onChoose(disks.map((disk) => disk.target).filter((each) => (each === target ? on : chosen.includes(each))))}
        />
      ))}
    </FormGroup>
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
