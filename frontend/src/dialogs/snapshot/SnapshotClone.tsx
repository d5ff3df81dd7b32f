import { Checkbox, FormGroup, Radio } from '@patternfly/react-core';
import { useState } from 'react';
import { fieldError } from '../../api/problem';
import type { Snapshot } from '../../api/snapshots';
import type { DomainSummary } from '../../api/types';
import { TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { t } from '../../util/i18n';
import { PlannedDialog } from '../PlannedDialog';
import { Wrong } from './Wrong';

/** Makes a new machine that is what this one was when the snapshot was taken. */
export function SnapshotClone({ domain, snapshot, onClose }: { domain: DomainSummary; snapshot: Snapshot; onClose: () => void }) {
  const [name, setName] = useState(`${domain.name}-${snapshot.name}`);
  const [mode, setMode] = useState<'full' | 'linked'>('full');
  const [start, setStart] = useState(false);
  const inside = snapshot.kind === 'internal';
  const path = { host: domain.host, uuid: domain.uuid, snapshot: snapshot.name };
  const change = { method: 'POST' as const, template: '/hosts/{host}/domains/{uuid}/snapshots/{snapshot}/clone', path, body: { name, mode, start } };
  const title = t('New machine from {{name}}', { name: snapshot.name });
  return (
    <PlannedDialog title={title} description={domain.name} verb={t('Make it')} change={change} done={`${domain.name}: ${title}`} shown={['/name', '/mode']} onClose={onClose}>
      {(problem) => (
        <>
          <Field id="snapshot-clone-name" label={t('Name')} isRequired error={fieldError(problem, '/name')}>
            <TextInput id="snapshot-clone-name" value={name} isRequired onChange={(_, next) => setName(next)} />
          </Field>
          <FormGroup role="radiogroup" label={t('Its disks')} fieldId="snapshot-clone-mode">
            <Radio id="snapshot-clone-full" name="snapshot-clone-mode" label={t('Copies')} description={t('It depends on nothing else.')} isChecked={mode === 'full'} onChange={() => setMode('full')} />
            <Radio
              id="snapshot-clone-linked"
              name="snapshot-clone-mode"
              label={t('Linked')}
              description={inside ? t('Nothing can stand on what lies inside a disk.') : t('Made at once, and small; the snapshot cannot be deleted as long as the new machine exists.')}
              isDisabled={inside}
              isChecked={mode === 'linked'}
              onChange={() => setMode('linked')}
            />
            <Wrong text={fieldError(problem, '/mode')} />
          </FormGroup>
          <Checkbox id="snapshot-clone-start" label={t('Start it when it is ready')} isChecked={start} onChange={(_, on) => setStart(on)} />
        </>
      )}
    </PlannedDialog>
  );
}
