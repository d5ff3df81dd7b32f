import { ExpandableSection, Label } from '@patternfly/react-core';
import { useState, type CSSProperties, type ReactNode } from 'react';
import type { Snapshot } from '../../../api/snapshots';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { t } from '../../../util/i18n';
import { formatDuration, formatTime, secondsBetween } from '../../../util/time';
import { formatBytes } from '../../../util/units';
import type { Branch } from './tree';

export type SnapshotAct = 'revert' | 'clone' | 'describe' | 'delete';

interface Props {
  domain: Domain;
  branch: Branch;
  onAct: (act: SnapshotAct) => void;
  children?: ReactNode;
}

/** One snapshot: what it is, what it takes, and what can be done with it; `children` are lines that stand below it. */
export function SnapshotRow({ domain, branch: { snapshot, depth }, onAct, children }: Props) {
  const [details, setDetails] = useState(false);
  const busy = domain.actions['snapshot'] ?? null;
  const lost = t('A merge of its files did not end, so its state is lost. Delete it.');
  const mixed = t('Its state lies partly inside the disks of this machine. Go back to it, keeping the present state, and clone the machine then.');
  const unread = snapshot.broken ? lost : snapshot.kind === 'mixed' ? mixed : null;
  return (
    <>
      <li className="qd-snapshot" style={{ '--qd-depth': depth } as CSSProperties}>
        <span className="qd-snapshot-knot" aria-hidden />
        <div className="qd-snapshot-text">
          <strong>{snapshot.name}</strong> {snapshot.broken ? <Label isCompact color="red">{t('damaged')}</Label> : null}
          {snapshot.description ? <div className="qd-snapshot-words">{snapshot.description}</div> : null}
          <div className="qd-dim qd-device-facts">{facts(snapshot).join(' · ')}</div>
          <ExpandableSection isExpanded={details} onToggle={(_, on) => setDetails(on)} toggleText={t('Details')} toggleId={`details-${snapshot.name}`} contentId={`details-${snapshot.name}-of`}>
            <Details snapshot={snapshot} />
          </ExpandableSection>
        </div>
        <div className="qd-device-acts">
          <ReasonButton variant="link" reason={snapshot.broken ? lost : domain.actions['revert']} aria-label={t('Go back to {{name}}', { name: snapshot.name })} onClick={() => onAct('revert')}>
            {t('Go back')}
          </ReasonButton>
          <ReasonButton variant="link" reason={unread ?? domain.actions['clone']} aria-label={t('New machine from {{name}}', { name: snapshot.name })} onClick={() => onAct('clone')}>
            {t('New machine')}
          </ReasonButton>
          <ReasonButton variant="link" reason={busy} aria-label={t('Describe {{name}}', { name: snapshot.name })} onClick={() => onAct('describe')}>
            {t('Describe')}
          </ReasonButton>
          <ReasonButton variant="link" isDanger={!busy} reason={busy} aria-label={t('Delete {{name}}', { name: snapshot.name })} onClick={() => onAct('delete')}>
            {t('Delete')}
          </ReasonButton>
        </div>
      </li>
      {children}
    </>
  );
}

function facts(snapshot: Snapshot): string[] {
  const states: Record<Snapshot['state'], string> = {
    running: t('running'),
    paused: t('paused'),
    shut_off: t('off'),
    disk_only: t('disks only'),
  };
  const age = secondsBetween(snapshot.created, null);
  return [
    t('{{age}} old', { age: formatDuration(age) }),
    snapshot.memory ? t('{{state}}, with memory', { state: states[snapshot.state] }) : states[snapshot.state],
    kindTitle(snapshot.kind),
    ...(snapshot.size_bytes === null ? [] : [formatBytes(snapshot.size_bytes)]),
  ];
}

function kindTitle(kind: Snapshot['kind']): string {
  const words: Record<Snapshot['kind'], string> = { internal: t('internal'), external: t('external'), mixed: t('partly internal, partly external') };
  return words[kind];
}

function Details({ snapshot }: { snapshot: Snapshot }) {
  return (
    <dl className="qd-facts">
      <div>
        <dt>{t('Taken')}</dt>
        <dd>{formatTime(snapshot.created)}</dd>
      </div>
      <div>
        <dt>{t('Grew from')}</dt>
        <dd>{snapshot.parent ?? t('nothing before it')}</dd>
      </div>
      {snapshot.disks.map((disk) => (
        <div key={disk.target}>
          <dt>{t('Disk {{target}}', { target: disk.target })}</dt>
          <dd>
            {disk.path ?? t('unknown')} <span className="qd-dim">{disk.kind === 'internal' ? t('inside this file') : disk.size_bytes === null ? '' : formatBytes(disk.size_bytes)}</span>
          </dd>
        </div>
      ))}
      {snapshot.memory ? (
        <div>
          <dt>{t('Memory')}</dt>
          <dd>{snapshot.memory_path ?? t('inside the first disk')}</dd>
        </div>
      ) : null}
    </dl>
  );
}
