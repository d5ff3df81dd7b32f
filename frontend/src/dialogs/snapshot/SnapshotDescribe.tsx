import { DOMAIN } from '../../api/client';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldError } from '../../api/problem';
import type { Snapshot } from '../../api/snapshots';
import type { DomainSummary } from '../../api/types';
import { TextArea } from '../../components/inputs';
import { Field } from '../../components/Field';
import { t } from '../../util/i18n';
import { PlannedDialog } from '../PlannedDialog';

/** Gives a snapshot another description. */
export function SnapshotDescribe({ domain, snapshot, onClose }: { domain: DomainSummary; snapshot: Snapshot; onClose: () => void }) {
  const cache = useQueryClient();
  const [description, setDescription] = useState(snapshot.description ?? '');
  const same = description === (snapshot.description ?? '');
  const path = { host: domain.host, uuid: domain.uuid, snapshot: snapshot.name };
  const change = { method: 'PATCH' as const, template: `${DOMAIN}/snapshots/{snapshot}`, path, body: { description: description || null } };
  const title = t('Describe {{name}}', { name: snapshot.name });
  // libvirt tells no event of it, and nothing of the machine itself has changed.
  const reread = () => void cache.invalidateQueries({ queryKey: ['snapshots', domain.host, domain.uuid] });
  return (
    <PlannedDialog title={title} description={domain.name} verb={t('Save')} blocked={same ? t('Nothing is changed yet.') : null} change={change} done={`${domain.name}: ${title}`} shown={['/description']} onDone={reread} onClose={onClose}>
      {(problem) => (
        <Field id="describe" label={t('Description')} error={fieldError(problem, '/description')}>
          <TextArea id="describe" value={description} rows={4} resizeOrientation="vertical" onChange={(_, next) => setDescription(next)} />
        </Field>
      )}
    </PlannedDialog>
  );
}
