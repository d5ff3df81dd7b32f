import { useQueryClient } from '@tanstack/react-query';
import { NETWORK, storageKeys, type Network } from '../../api/storage';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';

/** Asks before a network is restarted. */
export function RestartDialog({ network, onClose }: { network: Network; onClose: () => void }) {
  const cache = useQueryClient();
  return (
    <PlannedDialog
      title={t('Restart {{name}}?', { name: network.name })}
      verb={t('Restart')}
      variant="small"
      change={{ method: 'POST', template: `${NETWORK}/restart`, path: { host: network.host, network: network.name }, body: {} }}
      done={t('{{name}} was restarted', { name: network.name })}
      onDone={() => void cache.invalidateQueries({ queryKey: storageKeys.networks(network.host) })}
      onClose={onClose}
    >
      {() => <p>{t('What was edited takes effect. Running machines keep their cable.')}</p>}
    </PlannedDialog>
  );
}
