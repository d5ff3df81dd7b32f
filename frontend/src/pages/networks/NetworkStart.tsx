import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchange, problemOf } from '../../api/client';
import { storageKeys, type Network } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { undoOfEntry } from '../machine/undo';

/** Starts a network that is off. */
export function NetworkStart({ network, reason }: { network: Network; reason: string | null }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      const { undo } = await exchange('POST', '/hosts/{host}/networks/{network}/start', { path: { host: network.host, network: network.name }, body: {} });
      await cache.invalidateQueries({ queryKey: storageKeys.networks(network.host) });
      if (undo) toast.success(t('{{name}}: {{act}}', { name: network.name, act: t('Start') }), undefined, undoOfEntry(cache, undo));
    } catch (error) {
      toast.problem(network.name, problemOf(error));
    }
    setBusy(false);
  };
  return (
    <ReasonButton reason={reason} variant="secondary" size="sm" isLoading={busy} isDisabled={busy} onClick={() => void start()} aria-label={t('Start {{name}}', { name: network.name })}>
      {t('Start')}
    </ReasonButton>
  );
}
