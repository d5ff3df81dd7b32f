import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchange, problemOf } from '../../api/client';
import { storageKeys, type Network } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { undoOfEntry } from '../machine/undo';
import { useRestarting } from './useRestarting';

/** Starts a network that is off, or plugs in who lost the cable to one that runs. */
export function NetworkStart({ network, reason }: { network: Network; reason: string | null }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const restarting = useRestarting(network);
  const verb = network.active ? t('Plug in again') : t('Start');
  const start = async () => {
    setBusy(true);
    try {
      const { undo } = await exchange('POST', '/hosts/{host}/networks/{network}/start', { path: { host: network.host, network: network.name }, body: {} });
      await cache.invalidateQueries({ queryKey: storageKeys.networks(network.host) });
      if (undo) toast.success(t('{{name}}: {{act}}', { name: network.name, act: verb }), undefined, undoOfEntry(cache, undo));
    } catch (error) {
      toast.problem(network.name, problemOf(error));
    }
    setBusy(false);
  };
  return (
    <ReasonButton reason={reason ?? restarting} variant="secondary" size="sm" isLoading={busy} isDisabled={busy} onClick={() => void start()} aria-label={network.active ? verb : t('Start {{name}}', { name: network.name })}>
      {verb}
    </ReasonButton>
  );
}
