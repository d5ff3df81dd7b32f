import { FormGroup, FormSelectOption, Radio } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import type { MigrationRequest } from '../../api/migration';
import { storageQueries } from '../../api/storage';
import type { DomainSummary } from '../../api/types';
import { FormSelect } from '../../components/inputs';
import { t } from '../../util/i18n';
import type { Wish } from './wish';

interface ChoiceProps {
  wish: Wish;
  set: (change: Partial<Wish>) => void;
}

/** Whether it runs on, stands still, or is off meanwhile. */
export function Modes({ domain, wish, set }: ChoiceProps & { domain: DomainSummary }) {
  const off = domain.state === 'shut_off';
  const modes: [MigrationRequest['mode'], string, string, boolean][] = [
    ['live', t('Live'), off ? t('It is off: start it first.') : t('It runs on; a short pause at the end'), off],
    ['paused', t('Paused'), off ? t('It is off: start it first.') : t('It stands still while it moves; always comes to an end'), off],
    ['offline', t('Offline'), off ? t('It stays off; its definition moves, and its disks if you like') : t('Only its definition moves'), false],
  ];
  return (
    <FormGroup role="radiogroup" label={t('How')} fieldId="migrate-mode">
      {modes.map(([id, label, text, isDisabled]) => (
        <Radio
          key={id}
          id={`migrate-mode-${id}`}
          name="mode"
          label={label}
          description={text}
          isDisabled={isDisabled}
          isChecked={wish.mode === id}
          // What runs must not lose its definition here by a move of the definition alone.
          onChange={() => set({ mode: id, undefine_source: id === 'offline' ? off : domain.persistent, ...(id === 'offline' && !off ? { storage: 'shared' } : {}) })}
        />
      ))}
    </FormGroup>
  );
}

/** Whether the disks go along, and into which pool; `domain` is left out where several machines move. */
export function StorageChoice({ domain, wish, set, destination }: ChoiceProps & { domain?: DomainSummary; destination: string }) {
  const offline = wish.mode === 'offline';
  const storage = offline && wish.storage === 'incremental' ? 'shared' : (wish.storage ?? 'shared');
  const pools = useQuery({ ...storageQueries.pools(destination), enabled: destination !== '' && storage !== 'shared' }).data ?? [];
  const only = offline && domain?.state !== 'shut_off' ? t('Offline only the definition of a machine that is on moves.') : null;
  const ways: [MigrationRequest['storage'], string, string, string | null][] = [
    ['shared', t('Shared'), t('Both hosts see the same disks'), null],
    ['copy', t('Copy the disks'), offline ? t('They go over the network, through this server') : t('They go over the network with the memory'), only],
    ['incremental', t('Copy what differs from the base image'), t('The destination has the base image already'), only ?? (offline ? t('Offline a disk is copied as a whole.') : null)],
  ];
  return (
    <FormGroup role="radiogroup" label={t('Disks')} fieldId="migrate-storage">
      {ways.map(([id, label, text, reason]) => (
        <Radio key={id} id={`migrate-storage-${id}`} name="storage" label={label} description={reason ?? text} isDisabled={reason !== null} isChecked={storage === id} onChange={() => set({ storage: id })} />
      ))}
      {storage !== 'shared' ? (
        <FormGroup label={t('Pool at the destination')} fieldId="migrate-pool" className="qd-pool-choice">
          <FormSelect id="migrate-pool" value={wish.pool ?? ''} onChange={(_, pool) => set({ pool: pool || null })}>
            <FormSelectOption value="" label={t('Same folder as here')} />
            {pools
              .filter((pool) => pool.active)
              .map((pool) => (
                <FormSelectOption key={pool.uuid} value={pool.name} label={t('Pool {{pool}}', { pool: pool.name })} />
              ))}
          </FormSelect>
        </FormGroup>
      ) : null}
    </FormGroup>
  );
}
