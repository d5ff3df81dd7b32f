import { ExpandableSection, ExpandableSectionToggle, Label } from '@patternfly/react-core';
import { useState, type CSSProperties } from 'react';
import type { Snapshot } from '../../../api/snapshots';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { t } from '../../../util/i18n';
import { formatDuration, formatTime, secondsBetween } from '../../../util/time';
import { formatBytes } from '../../../util/units';
import type { Line } from './tree';

export type SnapshotAct = 'revert' | 'clone' | 'describe' | 'delete';

interface Props {
  domain: Domain;
  snapshot: Snapshot;
  line: Line;
  onAct: (act: SnapshotAct) => void;
}

/** One snapshot: what it is, what it takes, and what can be done with it. */
export function SnapshotRow({ domain, snapshot, line, onAct }: Props) {
  const [details, setDetails] = useState(false);
  const [toggle, content] = [`details-${snapshot.name}`, `details-${snapshot.name}-of`];
  const busy = domain.actions['snapshot'] ?? null;
  const lost = t('A merge of its files did not end, so its state is lost. Delete it.');
  const mixed = t('Its state lies partly inside the disks of this machine. Go back to it, keeping the present state, and clone the machine then.');
  const unread = snapshot.broken ? lost : snapshot.kind === 'mixed' ? mixed : null;
  return (
      <li className={classes(line)} style={place(line)}>
        <Branch line={line} />
        <div className="qd-snapshot-text">
          <strong>{snapshot.name}</strong> {snapshot.broken ? <Label isCompact color="red">{t('damaged')}</Label> : null}
          {snapshot.description ? <div className="qd-snapshot-words">{snapshot.description}</div> : null}
          <div className="qd-dim qd-device-facts">{facts(snapshot, line).join(' · ')}</div>
          <ExpandableSection isDetached isExpanded={details} toggleId={toggle} contentId={content}>
            <Details snapshot={snapshot} />
          </ExpandableSection>
        </div>
        <div className="qd-device-acts">
          <ExpandableSectionToggle isExpanded={details} onToggle={setDetails} toggleId={toggle} contentId={content}>
            {t('Details')}
          </ExpandableSectionToggle>
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
  );
}

/** Where the machine's present state stands in the tree. */
export function Here({ line }: { line: Line }) {
  return (
    <li className={`${classes(line)} qd-snapshot-here`} style={place(line)} aria-current="true">
      <Branch line={line} />
      <strong>{t('You are here')}</strong> <span className="qd-dim">{t('the present state')}</span>
    </li>
  );
}

const classes = (line: Line) => `qd-snapshot${line.first ? ' qd-snapshot-first' : ''}${line.last ? ' qd-snapshot-last' : ''}`;
const place = (line: Line) => ({ '--qd-depth': line.depth }) as CSSProperties;

/** The knot of a line, and the branches that pass it. */
function Branch({ line }: { line: Line }) {
  return (
    <>
      {Array.from({ length: line.depth }, (_, depth) => (
        <span key={depth} className="qd-snapshot-passing" style={{ '--qd-depth': depth } as CSSProperties} aria-hidden />
      ))}
      <span className="qd-snapshot-knot" aria-hidden />
    </>
  );
}

function facts(snapshot: Snapshot, line: Line): string[] {
  const states: Record<Snapshot['state'], string> = {
    running: t('running'),
    paused: t('paused'),
    shut_off: t('off'),
    disk_only: t('disks only'),
  };
  const age = secondsBetween(snapshot.created, null);
  return [
    ...(line.first && snapshot.parent !== null ? [t('grew from {{name}}', { name: snapshot.parent })] : []),
    t('{{age}} old', { age: formatDuration(age === null ? null : Math.max(age, 1)) }),
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
      {snapshot.nvram_path ? (
        <div>
          <dt>{t('UEFI variables')}</dt>
          <dd>{snapshot.nvram_path}</dd>
        </div>
      ) : null}
      {snapshot.tpm_path ? (
        <div>
          <dt>{t('Content of the TPM')}</dt>
          <dd>{snapshot.tpm_path}</dd>
        </div>
      ) : null}
    </dl>
  );
}
