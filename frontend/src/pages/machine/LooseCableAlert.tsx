import { Alert } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { useCan } from '../../api/session';
import type { Domain } from '../../api/types';
import { t } from '../../util/i18n';
import { NetworkStart } from '../networks/NetworkStart';
import { isOn } from './hardware/values';
import type { LooseCable } from './useLooseCables';

interface Props {
  domain: Domain;
  loose: LooseCable;
  /** What cures it where no act on the network does. */
  cure: ReactNode;
}

/** Why a card reaches nobody, with what cures it. */
export function LooseCableAlert({ domain, loose, cure }: Props) {
  const reason = useCan('network:edit') ? null : t('Your role may look at networks, not change them.');
  const { name, network } = loose;
  const on = isOn(domain);
  const [title, text] = {
    gone: [t('There is no network {{name}} on this host', { name }), on ? t('The card is connected to nothing.') : t('The machine does not start with it.')],
    off: [t('The network {{name}} is off', { name }), on ? t('The card reaches nobody. Once the network is started here, its cable is back.') : t('The machine does not start until the network runs.')],
    cut: [t('Cut off from the network {{name}}', { name }), t('It was stopped and started again, and libvirt does not put the cables back.')],
    down: [t('The cable is out'), t('The link of the card is set to down.')],
  }[loose.why] as [string, string];
  return (
    <Alert variant={loose.why === 'down' ? 'info' : 'warning'} isInline isPlain component="h4" title={title} actionLinks={network ? <NetworkStart network={network} reason={reason} /> : cure}>
      {text}
    </Alert>
  );
}
