import { FormGroup, FormSelectOption } from '@patternfly/react-core';
import type { CloneAct, ClonePlan } from '../../api/clone';
import { errorWithin, fieldError } from '../../api/problem';
import type { Pool } from '../../api/storage';
import { FormSelect, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import type { CloneParts } from './CloneForm';
import { FieldNote } from './FieldNote';
import { actOf, withDisk, type DiskLine } from './wish';

interface Props extends CloneParts {
  disks: DiskLine[];
  pools: Pool[];
  plan: ClonePlan | undefined;
}

/** What becomes of each disk: copied, linked, shared or left out; for those of its own, where and how they are called. */
export function DiskChoices({ disks, pools, wish, plan, problem, set }: Props) {
  if (disks.length === 0) return <p className="qd-dim">{t('It has no disks.')}</p>;
  return (
    <FormGroup role="group" label={t('Disks')} fieldId="clone-disks">
      <ul className="qd-clone-disks">
        {disks.map((disk) => (
          <DiskChoice key={disk.target} disk={disk} pools={pools} wish={wish} plan={plan} problem={problem} set={set} />
        ))}
      </ul>
      <FieldNote error={fieldError(problem, '/disks')} />
    </FormGroup>
  );
}

function DiskChoice({ disk, pools, wish, plan, problem, set }: Omit<Props, 'disks'> & { disk: DiskLine }) {
  const { target } = disk;
  const index = wish.disks.findIndex((each) => each.target === target);
  const asked = wish.disks[index];
  const act = actOf(disk, wish);
  const wrong = index < 0 ? undefined : fieldError(problem, `/disks/${index}/volume`);
  const note = `clone-disk-${target}-note`;
  const planned = plan?.disks.find((each) => each.target === target);
  const change = (values: Parameters<typeof withDisk>[2]) => set({ disks: withDisk(wish, target, values) });
  const acts: [CloneAct, string][] = [
    ['copy', t('Copy')],
    ['link', t('Link')],
    ['share', disk.empty ? t('As it is') : t('Share')],
    ['skip', t('Leave out')],
  ];
  return (
    <li>
      <span className="qd-clone-disk">
        <strong>{disk.title}</strong> {planned ? <span className="qd-dim">{formatBytes(planned.size_bytes)}</span> : null}
      </span>
      <FormSelect aria-label={t('What becomes of {{target}}', { target })} value={act} onChange={(_, value) => change({ act: value as CloneAct })}>
        {acts
          .filter(([id]) => !disk.empty || id === 'share' || id === 'skip')
          .map(([id, label]) => (
            <FormSelectOption key={id} value={id} label={label} />
          ))}
      </FormSelect>
      {act === 'copy' || act === 'link' ? (
        <>
          <FormSelect aria-label={t('Pool of the copy of {{target}}', { target })} value={asked?.pool ?? ''} onChange={(_, pool) => change({ pool: pool || null })}>
            <FormSelectOption value="" label={planned ? t('Pool {{pool}}', { pool: planned.pool }) : t('Beside the original')} />
            {pools
              .filter((pool) => pool.active && pool.name !== planned?.pool)
              .map((pool) => (
                <FormSelectOption key={pool.uuid} value={pool.name} label={t('Pool {{pool}}', { pool: pool.name })} />
              ))}
          </FormSelect>
          <TextInput
            aria-label={t('Name of the copy of {{target}}', { target })}
            {...(wrong ? { validated: 'error', 'aria-describedby': note } : {})}
            value={asked?.volume ?? ''}
            placeholder={planned?.volume ?? t('Named after the machine')}
            onChange={(_, volume) => change({ volume: volume || null })}
          />
        </>
      ) : null}
      <div id={note}>
        <FieldNote error={wrong ?? (index < 0 ? null : errorWithin(problem, `/disks/${index}`))} />
      </div>
    </li>
  );
}
