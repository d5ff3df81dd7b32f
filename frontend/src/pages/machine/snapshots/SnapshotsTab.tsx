import './snapshots.css';
import CameraIcon from '@patternfly/react-icons/dist/esm/icons/camera-icon';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../../api/client';
import { snapshotsOf, type Snapshot } from '../../../api/snapshots';
import { ReasonButton } from '../../../components/DisabledReason';
import { EmptyPage, LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { RevertDialog } from '../../../dialogs/snapshot/DomainRevert';
import { SnapshotClone } from '../../../dialogs/snapshot/SnapshotClone';
import { SnapshotDelete } from '../../../dialogs/snapshot/SnapshotDelete';
import { SnapshotDescribe } from '../../../dialogs/snapshot/SnapshotDescribe';
import { useActs } from '../../../shell/acts';
import { t } from '../../../util/i18n';
import type { TabProps } from '../MachinePage';
import { Here, SnapshotRow, type SnapshotAct } from './SnapshotRow';
import { lines } from './tree';

type Open = { act: SnapshotAct; snapshot: Snapshot; descendants: number } | null;

/** The states that the machine can go back to, as they grew from one another, and where it is now. */
export default function SnapshotsTab({ domain }: TabProps) {
  const { act } = useActs();
  const list = useQuery({ ...snapshotsOf(domain), enabled: !domain.last_seen });
  const [open, setOpen] = useState<Open>(null);
  const take = (
    <ReasonButton variant="primary" reason={domain.actions['snapshot']} onClick={() => act('snapshot', [domain])}>
      {t('Take snapshot')}
    </ReasonButton>
  );
  if (domain.last_seen)
    return (
      <EmptyPage title={t('Its snapshots are not known now')} icon={CameraIcon} actions={take}>
        {t('It had {{count}} snapshots when its host was last seen. They are shown when the host is back.', { count: domain.snapshots })}
      </EmptyPage>
    );
  if (list.error) return <ProblemAlert problem={problemOf(list.error)} />;
  if (!list.data) return <LoadingPage text={t('Reading the snapshots')} />;
  if (list.data.length === 0) {
    return (
      <EmptyPage title={t('{{name}} has no snapshots', { name: domain.name })} icon={CameraIcon} actions={take}>
        {t('A snapshot keeps the state of its disks, and of its memory while it runs. Take one before an upgrade, and go back if it goes wrong. It is no backup: it lies on the same storage.')}
      </EmptyPage>
    );
  }
  const close = () => setOpen(null);
  return (
    <div className="qd-stack">
      <div>{take}</div>
      <ol className="qd-snapshots" aria-label={t('Snapshots')}>
        {lines(list.data).map((line) => {
          const { snapshot, descendants } = line;
          return snapshot ? (
            <SnapshotRow key={snapshot.name} domain={domain} snapshot={snapshot} line={line} onAct={(chosen) => setOpen({ act: chosen, snapshot, descendants })} />
          ) : (
            <Here key="" line={line} />
          );
        })}
      </ol>
      {open?.act === 'revert' ? <RevertDialog domain={domain} snapshot={open.snapshot} onClose={close} /> : null}
      {open?.act === 'delete' ? <SnapshotDelete domain={domain} snapshot={open.snapshot} descendants={open.descendants} onClose={close} /> : null}
      {open?.act === 'clone' ? <SnapshotClone domain={domain} snapshot={open.snapshot} onClose={close} /> : null}
      {open?.act === 'describe' ? <SnapshotDescribe domain={domain} snapshot={open.snapshot} onClose={close} /> : null}
    </div>
  );
}
