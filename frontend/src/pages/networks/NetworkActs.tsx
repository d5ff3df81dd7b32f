import { Label } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchange, problemOf } from '../../api/client';
import { NETWORK, storageKeys, type Network } from '../../api/storage';
import { KebabMenu, type MenuAct } from '../../components/KebabMenu';
import { toast } from '../../components/Toasts';
import { undoOfEntry } from '../machine/undo';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';
import { NetworkDialog } from './NetworkDialog';
import { RestartDialog } from './RestartDialog';
import { useRestarting } from './useRestarting';

type Asked = 'edit' | 'stop' | 'restart' | 'delete' | null;

/** Whether it runs, in a word. */
export function NetworkState({ network }: { network: Network }) {
  return (
    <>
      <Label isCompact color={network.active ? 'green' : 'grey'}>
        {network.active ? t('Running') : t('Off')}
      </Label>{' '}
      {network.changes_pending ? (
        <Label isCompact color="blue">
          {t('restart pending')}
        </Label>
      ) : null}{' '}
      {network.cut_off.length > 0 ? (
        <Label isCompact color="orange">
          {t('machines cut off')}
        </Label>
      ) : null}
    </>
  );
}

/** All that can be done with a network. */
export function NetworkActs({ network, reason: role, onDeleted }: { network: Network; reason: string | null; onDeleted?: () => void }) {
  const cache = useQueryClient();
  const restarting = useRestarting(network);
  const reason = role ?? restarting;
  const [asked, setAsked] = useState<Asked>(null);
  const path = { host: network.host, network: network.name };
  const changed = () => void cache.invalidateQueries({ queryKey: storageKeys.networks(network.host) });
  const at = async (method: 'POST' | 'PATCH', act: string, title: string, body: unknown = {}) => {
    try {
      const { undo } = await exchange(method, NETWORK + act, { path, body });
      changed();
      if (undo) toast.success(`${network.name}: ${title}`, undefined, undoOfEntry(cache, undo));
    } catch (error) {
      toast.problem(network.name, problemOf(error));
    }
  };
  const lost = network.cut_off.length > 0;
  const start = network.active && lost ? t('Plug in again') : t('Start');
  const autostart = network.autostart ? t('Do not start with the host') : t('Start with the host');
  const off = network.active ? null : t('It is off.');
  const transient = network.persistent ? null : t('Nothing of this network is saved.');
  const users = network.used_by.length > 0 ? t('{{machines}} have a card on it. Put these on another network first.', { machines: network.used_by.join(', ') }) : null;
  const acts: MenuAct[] = [
    { id: 'start', title: start, reason: reason ?? (network.active && !lost ? t('It runs already.') : null), onAct: () => void at('POST', '/start', start) },
    { id: 'restart', title: t('Restart'), reason: reason ?? off ?? transient, onAct: () => setAsked('restart') },
    { id: 'stop', title: t('Stop'), reason: reason ?? off, onAct: () => setAsked('stop') },
    { id: 'autostart', title: autostart, reason: reason ?? transient, onAct: () => void at('PATCH', '', autostart, { autostart: !network.autostart }) },
    { id: 'edit', title: t('Edit'), reason: reason ?? (network.settings ? null : t('Its definition goes beyond the form; edit its XML.')), onAct: () => setAsked('edit') },
    { id: 'delete', title: t('Delete'), reason: reason ?? users, danger: true, onAct: () => setAsked('delete') },
  ];
  const close = () => setAsked(null);
  const frame = { onDone: changed, onClose: close };
  return (
    <>
      <KebabMenu label={t('Acts of network {{name}}', { name: network.name })} acts={acts} />
      {asked === 'edit' ? <NetworkDialog host={network.host} network={network} onClose={close} /> : null}
      {asked === 'stop' ? (
        <PlannedDialog title={t('Stop {{name}}?', { name: network.name })} verb={t('Stop')} danger variant="small" change={{ method: 'POST', template: `${NETWORK}/stop`, path, body: {} }} {...frame}>
          {() => <p>{t('Nobody on it reaches anybody until it is started again. Where only an edit is to take effect, Restart keeps the cables.')}</p>}
        </PlannedDialog>
      ) : null}
      {asked === 'restart' ? <RestartDialog network={network} onClose={close} /> : null}
      {asked === 'delete' ? (
        <PlannedDialog title={t('Delete {{name}}?', { name: network.name })} verb={t('Delete')} danger variant="small" change={{ method: 'DELETE', template: NETWORK, path }} onClose={close} onDone={() => (changed(), onDeleted?.())}>
          {() => <p>{t('The network is stopped and forgotten. No machine has a card on it.')}</p>}
        </PlannedDialog>
      ) : null}
    </>
  );
}
