import { Checkbox, FormGroup, Label } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchange, problemOf } from '../../api/client';
import { lacks, POOL, storageKeys, type Pool } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { TextInput } from '../../components/inputs';
import { KebabMenu, type MenuAct } from '../../components/KebabMenu';
import { toast } from '../../components/Toasts';
import { undoOfEntry } from '../machine/undo';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';
import { PoolDialog } from './PoolDialog';

type Asked = 'edit' | 'stop' | 'build' | 'delete' | null;

/** Whether it runs, in a word. */
export function PoolState({ pool }: { pool: Pool }) {
  const color = pool.state === 'running' ? 'green' : pool.state === 'inactive' ? 'grey' : 'orange';
  const words: Record<Pool['state'], string> = { running: t('Running'), inactive: t('Off'), building: t('Building'), degraded: t('Degraded'), inaccessible: t('Silent') };
  return (
    <Label color={color} isCompact>
      {words[pool.state]}
    </Label>
  );
}

/** Why nothing can be done with what is in a pool; null where it can. */
export function unusable(pool: Pool): string | null {
  if (pool.state === 'inaccessible') return t('What it lies on does not answer, such as a file server that is gone. Bring that back first.');
  return pool.active ? null : t('The pool is off. Start it first.');
}

/** Does at once what asks for nothing; how it ended is told in a corner. */
function useAtOnce(pool: Pool) {
  const cache = useQueryClient();
  const path = { host: pool.host, pool: pool.name };
  const changed = () => void cache.invalidateQueries({ queryKey: storageKeys.pools(pool.host) });
  const at = async (method: 'POST' | 'PATCH', act: string, title: string, body: unknown = {}) => {
    try {
      const { undo } = await exchange(method, POOL + act, { path, body });
      changed();
      toast.success(`${pool.name}: ${title}`, undefined, undo ? undoOfEntry(cache, undo) : undefined);
    } catch (error) {
      toast.problem(pool.name, problemOf(error));
    }
  };
  return { path, changed, at };
}

/** The cure of a pool that is off. */
export function StartPool({ pool, reason }: { pool: Pool; reason: string | null }) {
  const { at } = useAtOnce(pool);
  const [busy, setBusy] = useState(false);
  const start = () => {
    setBusy(true);
    void at('POST', '/start', t('Start')).finally(() => setBusy(false));
  };
  return (
    <ReasonButton reason={reason} isLoading={busy} isDisabled={busy} onClick={start}>
      {t('Start the pool')}
    </ReasonButton>
  );
}

/** All that can be done with a pool. */
export function PoolActs({ pool, reason, onDeleted }: { pool: Pool; reason: string | null; onDeleted?: () => void }) {
  const [asked, setAsked] = useState<Asked>(null);
  const { path, changed, at } = useAtOnce(pool);
  const on = pool.active ? t('It runs. Stop it first.') : null;
  const autostart = pool.autostart ? t('Do not start with the host') : t('Start with the host');
  const off = unusable(pool);
  const acts: MenuAct[] = [
    { id: 'start', title: t('Start'), reason: reason ?? (pool.active ? t('It runs already.') : pool.state === 'inactive' ? null : off), onAct: () => void at('POST', '/start', t('Start')) },
    { id: 'refresh', title: t('Refresh'), reason: reason ?? off, onAct: () => void at('POST', '/refresh', t('read anew')) },
    { id: 'stop', title: t('Stop'), reason: reason ?? (pool.state === 'inactive' ? off : null), onAct: () => setAsked('stop') },
    {
      id: 'autostart',
      title: autostart,
      reason: reason ?? (pool.persistent ? null : t('Nothing of this pool is saved.')),
      onAct: () => void at('PATCH', '', autostart, { autostart: !pool.autostart }),
    },
    { id: 'build', title: t('Build'), reason: reason ?? lacks(pool, 'build') ?? on, onAct: () => setAsked('build') },
    { id: 'edit', title: t('Edit'), reason: reason ?? (pool.settings ? null : t('Its definition goes beyond the form; edit its XML.')), onAct: () => setAsked('edit') },
    { id: 'delete', title: t('Delete'), reason, danger: true, onAct: () => setAsked('delete') },
  ];
  const close = () => setAsked(null);
  return (
    <>
      <KebabMenu label={t('Acts of pool {{name}}', { name: pool.name })} acts={acts} />
      {asked === 'edit' ? <PoolDialog host={pool.host} pool={pool} onClose={close} /> : null}
      {asked === 'stop' ? <StopPool pool={pool} change={{ method: 'POST', template: `${POOL}/stop`, path, body: {} }} onDone={changed} onClose={close} /> : null}
      {asked === 'build' ? <BuildPool pool={pool} onDone={changed} onClose={close} /> : null}
      {asked === 'delete' ? <DeletePool pool={pool} onDone={() => (changed(), onDeleted?.())} onClose={close} /> : null}
    </>
  );
}

interface AskProps {
  pool: Pool;
  onDone: () => void;
  onClose: () => void;
}

function StopPool({ pool, change, onDone, onClose }: AskProps & { change: Change }) {
  return (
    <PlannedDialog title={t('Stop {{name}}?', { name: pool.name })} verb={t('Stop')} variant="small" change={change} onDone={onDone} onClose={onClose}>
      {() => <p>{t('Its volumes stay where they are, and nobody can use them through this pool until it is started again.')}</p>}
    </PlannedDialog>
  );
}

type Place = Record<'path' | 'source', string>;
/** What building makes, by the type of the pool. */
const BUILDS: Record<string, (place: Place) => string> = {
  dir: (place) => t('Makes the folder {{path}} where it is missing.', place),
  fs: (place) => t('Makes the folder {{path}}, and a file system on {{source}}. A device that holds something is refused.', place),
  disk: (place) => t('Makes a partition table on {{source}}. A disk that holds something is refused.', place),
  logical: (place) => t('Makes the volume group of its devices ({{source}}). A device that holds something is refused.', place),
  zfs: (place) => t('Makes the ZFS pool of its devices ({{source}}).', place),
};
const OVERWRITES = ['fs', 'disk', 'logical', 'zfs'];

function BuildPool({ pool, onDone, onClose }: AskProps) {
  const [overwrite, setOverwrite] = useState(false);
  const [typed, setTyped] = useState('');
  const change: Change = { method: 'POST', template: `${POOL}/build`, path: { host: pool.host, pool: pool.name }, body: { overwrite } };
  const unconfirmed = overwrite && typed !== pool.name ? t('Type the pool’s name first.') : null;
  return (
    <PlannedDialog title={t('Build {{name}}?', { name: pool.name })} verb={t('Build')} danger={overwrite} change={change} unconfirmed={unconfirmed} onDone={onDone} onClose={onClose}>
      {() => (
        <>
          <p>{(BUILDS[pool.type] ?? BUILDS['dir'])?.({ path: pool.path ?? '', source: pool.source ?? pool.name })}</p>
          {OVERWRITES.includes(pool.type) ? <Checkbox id="pool-overwrite" className="qd-pad" label={t('Overwrite what the device holds')} isChecked={overwrite} onChange={(_, on) => setOverwrite(on)} /> : null}
          {overwrite ? (
            <FormGroup label={t('Type {{name}} to confirm', { name: pool.name })} fieldId="pool-name-again">
              <TextInput id="pool-name-again" value={typed} onChange={(_, text) => setTyped(text)} />
            </FormGroup>
          ) : null}
        </>
      )}
    </PlannedDialog>
  );
}

function DeletePool({ pool, onDone, onClose }: AskProps) {
  const [contents, setContents] = useState(false);
  const change: Change = { method: 'DELETE', template: POOL, path: { host: pool.host, pool: pool.name }, query: { contents: contents || undefined } };
  const why = !pool.active ? t('The pool is off, so nobody knows what it holds.') : (lacks(pool, 'delete') ?? (pool.used_by.length > 0 ? t('Machines use it.') : undefined));
  return (
    <PlannedDialog title={t('Delete {{name}}?', { name: pool.name })} verb={t('Delete')} danger change={change} onDone={onDone} onClose={onClose}>
      {() => (
        <>
          <p>{contents && !pool.volumes ? t('It holds no volumes. What it stands on goes too, where nothing else is in it.') : contents ? t('All {{count}} volumes are erased. This cannot be undone.', { count: pool.volumes ?? 0 }) : t('The host forgets the pool. Its volumes stay where they are, and the pool can be made again.')}</p>
          <Checkbox id="pool-contents" className="qd-pad" label={t('Erase its volumes too')} description={why} isDisabled={!!why} isChecked={contents} onChange={(_, on) => setContents(on)} />
        </>
      )}
    </PlannedDialog>
  );
}
