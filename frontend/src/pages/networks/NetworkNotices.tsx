import { Alert } from '@patternfly/react-core';
import { useState } from 'react';
import type { Network } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { fieldTitle } from '../../util/fields';
import { t } from '../../util/i18n';
import { NetworkStart } from './NetworkStart';
import { RestartDialog } from './RestartDialog';
import { useRestarting } from './useRestarting';

/** What waits for a restart of a network, and who lost its cable, each with what cures it. */
export function NetworkNotices({ network, reason }: { network: Network; reason: string | null }) {
  const [asking, setAsking] = useState(false);
  const restarting = useRestarting(network);
  return (
    <div className="qd-storage-notices">
      {network.cut_off.length > 0 ? (
        <Alert variant="warning" isInline title={t('{{machines}}: cut off from this network', { machines: network.cut_off.join(', ') })} actionLinks={<NetworkStart network={network} reason={reason} />}>
          {network.active ? t('It was stopped and started again, and libvirt does not put the cables back.') : t('It is off. Once it is started here, their cables are back.')}
        </Alert>
      ) : null}
      {network.changes_pending ? (
        <Alert
          variant="info"
          isInline
          title={t('An edit waits: {{fields}}', { fields: network.pending.map(fieldTitle).join(', ') })}
          actionLinks={
            <ReasonButton variant="secondary" size="sm" reason={reason ?? restarting} onClick={() => setAsking(true)}>
              {t('Restart {{name}}', { name: network.name })}
            </ReasonButton>
          }
        >
          {t('Restart the network to make it take effect; its machines keep their cable.')}
        </Alert>
      ) : null}
      {asking ? <RestartDialog network={network} onClose={() => setAsking(false)} /> : null}
    </div>
  );
}
