import { FormGroup, TextArea } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldError } from '../../api/problem';
import type { Snapshot } from '../../api/snapshots';
import type { DomainSummary } from '../../api/types';
import { t } from '../../util/i18n';
import { DeedDialog } from './DeedDialog';
import { Wrong } from './Wrong';

/** Gives a snapshot another description. */
export function SnapshotDescribe({ domain, snapshot, onClose }: { domain: DomainSummary; snapshot: Snapshot; onClose: () => void }) {
  const cache = useQueryClient();
  const [description, setDescription] = useState(snapshot.description ?? '');
  const same = description === (snapshot.description ?? '');
  const deed = { method: 'PATCH' as const, path: `/snapshots/${encodeURIComponent(snapshot.name)}`, body: { description: description || null } };
  const close = () => {
    // libvirt tells no event of it, and nothing of the machine itself has changed.
    void cache.invalidateQueries({ queryKey: ['snapshots', domain.host, domain.uuid] });
    onClose();
  };
  return (
    <DeedDialog domain={domain} title={t('Describe {{name}}', { name: snapshot.name })} verb={t('Save')} deed={same ? null : deed} fields={['/description']} onClose={close}>
      {(problem) => (
        <FormGroup label={t('Description')} fieldId="describe">
          <TextArea id="describe" value={description} rows={4} resizeOrientation="vertical" onChange={(_, next) => setDescription(next)} />
          <Wrong text={fieldError(problem, '/description')} />
        </FormGroup>
      )}
    </DeedDialog>
  );
}
