import { ExpandableSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { storageQueries, type Network } from '../../api/storage';
import type { Host } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { MachineLinks } from '../machines/MachineLinks';
import { modeWord } from './modes';

/** From how many machines on they stand in columns. */
const MANY = 8;

/** The way out of each network and bridge of a host, and who is on it, drawn as lines from left to right. */
export function NetworkPicture({ host, networks }: { host: Host; networks: Network[] }) {
  const [open, setOpen] = useState(false);
  const { data: interfaces = [] } = useQuery({ ...storageQueries.interfaces(host.id), enabled: open, staleTime: 0 });
  const direct = interfaces.filter(({ used_by }) => used_by.length > 0);
  const isEmpty = networks.length + direct.length === 0;
  return (
    <ExpandableSection toggleText={t('Picture of who is on which network')} isExpanded={open} onToggle={(_, on) => setOpen(on)}>
      {open && isEmpty ? <p className="qd-dim">{t('This host has no networks.')}</p> : null}
      {open && !isEmpty ? (
        <ul className="qd-picture" aria-label={t('Who is on which network of {{host}}', { host: host.name })}>
          {networks.map((network) => (
            <Wiring
              key={network.uuid}
              host={host.id}
              name={network.name}
              machines={network.used_by}
              cutOff={network.cut_off}
              isOff={!network.active}
              out={network.mode === 'isolated' ? null : (network.device ?? (network.mode === 'bridge' ? network.bridge : null) ?? t('all interfaces'))}
              kind={modeWord(network.mode)}
              detail={network.active ? (network.ranges[0]?.address ?? network.bridge ?? t('running')) : t('off')}
            >
              <Link to={paths.network(network.host, network.name)}>{network.name}</Link>
            </Wiring>
          ))}
          {direct.map(({ name, kind, members, used_by, up, mac }) => (
            <Wiring key={name} host={host.id} name={name} machines={used_by} isOff={up === false} out={members.join(', ') || name} kind={kind === 'host-bridge' ? t('Bridge of the host') : t('Interface of the host')} detail={mac ?? ''}>
              {name}
            </Wiring>
          ))}
        </ul>
      ) : null}
    </ExpandableSection>
  );
}

interface Props {
  host: string;
  name: string;
  machines: string[];
  cutOff?: string[];
  isOff: boolean;
  /** By what it leaves the host; null where it does not. */
  out: string | null;
  kind: string;
  detail: string;
  /** Its name, as a link where it has a page. */
  children: ReactNode;
}

function Wiring({ host, name, machines, cutOff = [], isOff, out, kind, detail, children }: Props) {
  return (
    <li className={isOff ? 'qd-wiring qd-wiring-off' : 'qd-wiring'}>
      <div className={out === null ? 'qd-wiring-out qd-wiring-closed' : 'qd-wiring-out'}>
        {out ?? t('no way out')}
        <div className="qd-dim">{kind}</div>
      </div>
      <div className="qd-wiring-network">
        {children}
        <div className="qd-dim">{detail}</div>
      </div>
      {machines.length > 0 ? (
        <ul className={machines.length > MANY ? 'qd-wiring-machines qd-wiring-many' : 'qd-wiring-machines'} aria-label={t('Machines on {{network}}', { network: name })}>
          {machines.map((machine) => (
            <li key={machine}>
              <MachineLinks host={host} names={[machine]} />
              {cutOff.includes(machine) ? <span className="qd-dim">{t('cut off')}</span> : null}
            </li>
          ))}
        </ul>
      ) : (
        <div className="qd-dim">{t('nobody')}</div>
      )}
    </li>
  );
}
