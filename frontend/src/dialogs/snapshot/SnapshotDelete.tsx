import { DOMAIN } from '../../api/client';
import { FormGroup } from '@patternfly/react-core';
import { useState } from 'react';
import type { Snapshot } from '../../api/snapshots';
import type { DomainSummary } from '../../api/types';
import { Tick } from '../../components/Tick';
import { t } from '../../util/i18n';
import { PlannedDialog } from '../PlannedDialog';

interface Props {
  domain: DomainSummary;
  snapshot: Snapshot;
  /** How many others grew from it. */
  descendants: number;
  onClose: () => void;
}

/** Deletes a snapshot; the machine's present state stays. */
export function SnapshotDelete({ domain, snapshot, descendants, onClose }: Props) {
  const [branch, setBranch] = useState(false);
  const [forget, setForget] = useState(false);
  const change = {
    method: 'DELETE' as const,
    template: `${DOMAIN}/snapshots/{snapshot}`,
    path: { host: domain.host, uuid: domain.uuid, snapshot: snapshot.name },
    query: { children: branch || undefined, metadata_only: forget || undefined },
  };
  const title = t('Delete snapshot {{name}}', { name: snapshot.name });
  return (
    <PlannedDialog title={title} description={domain.name} verb={t('Delete')} danger change={change} done={`${domain.name}: ${title}`} onClose={onClose}>
      {() => (
        <FormGroup role="group" label={t('What goes')} fieldId="delete-children">
          <Tick
            id="delete-children"
            label={t('Also those that grew from it')}
            help={t('{{count}} snapshots grew from it. Without this they stay.', { count: descendants })}
            reason={descendants > 0 ? null : t('None grew from it.')}
            checked={branch}
            onChange={setBranch}
          />
          <Tick id="delete-forget" label={t('Only let libvirt forget it')} help={t('Its files stay where they are. For repairs by hand.')} checked={forget} onChange={setForget} />
        </FormGroup>
      )}
    </PlannedDialog>
  );
}
