import { ExpandableSection } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Network } from '../../api/storage';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { MachineLinks } from '../machines/MachineLinks';
import { modeWord } from './modes';

/** The way out of each network of a host, and who is on it, drawn as lines from left to right. */
export function NetworkPicture({ host, networks }: { host: string; networks: Network[] }) {
  const [open, setOpen] = useState(false);
  return (
    <ExpandableSection toggleText={t('Picture of who is on which network')} isExpanded={open} onToggle={(_, on) => setOpen(on)}>
      {open && networks.length === 0 ? <p className="qd-dim">{t('This host has no networks.')}</p> : null}
      {open && networks.length > 0 ? (
        <ul className="qd-picture" aria-label={t('Who is on which network of {{host}}', { host })}>
          {networks.map((network) => (
            <Wiring key={network.uuid} network={network} />
          ))}
        </ul>
      ) : null}
    </ExpandableSection>
  );
}

function Wiring({ network }: { network: Network }) {
  const isolated = network.mode === 'isolated';
  return (
    <li className={network.active ? 'qd-wiring' : 'qd-wiring qd-wiring-off'}>
      <div className={isolated ? 'qd-wiring-out qd-wiring-closed' : 'qd-wiring-out'}>
        {isolated ? t('no way out') : (network.device ?? (network.mode === 'bridge' ? network.bridge : null) ?? t('all interfaces'))}
        <div className="qd-dim">{modeWord(network.mode)}</div>
      </div>
      <div className="qd-wiring-network">
        <Link to={paths.network(network.host, network.name)}>{network.name}</Link>
        <div className="qd-dim">{network.active ? (network.ranges[0]?.address ?? network.bridge ?? t('running')) : t('off')}</div>
      </div>
      {network.used_by.length > 0 ? (
        <ul className="qd-wiring-machines" aria-label={t('Machines on {{network}}', { network: network.name })}>
          {network.used_by.map((name) => (
            <li key={name}>
              <MachineLinks host={network.host} names={[name]} />
            </li>
          ))}
        </ul>
      ) : (
        <div className="qd-dim">{t('nobody')}</div>
      )}
    </li>
  );
}
