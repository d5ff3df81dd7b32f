import { Button, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, problemOf } from '../../api/client';
import { PRESETS, presets, type Preset } from '../../api/presets';
import type { Problem } from '../../api/types';
import { TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import type { Draft } from './draft';
import { PointedField } from './PointedField';
import { fromPreset, toPreset } from './preset';

interface Props {
  draft: Draft;
  onUse: (draft: Draft) => void;
  onClose: () => void;
}

/** What one kept of this form: to begin from it, to add to it, to forget it. */
export function PresetsDialog({ draft, onUse, onClose }: Props) {
  const cache = useQueryClient();
  const known = useQuery(presets());
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (act: Promise<unknown>) => {
    setProblem(null);
    try {
      await act;
      await cache.invalidateQueries(presets());
      setName('');
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const keep = () => run(call('POST', PRESETS, { body: { name: name.trim(), settings: toPreset(draft) } }));
  const forget = (preset: Preset) => run(call('DELETE', `${PRESETS}/{id}`, { path: { id: preset.id } }));
  const reason = name.trim() === '' ? t('Give it a name.') : null;
  const same = known.data?.some((preset) => preset.name === name.trim());
  const use = (preset: Preset) => {
    onUse({ ...fromPreset(preset.settings), host: draft.host });
    onClose();
  };
  return (
    <Dialog variant="small" onClose={onClose} aria-labelledby="presets-title">
      <ModalHeader title={t('Presets')} labelId="presets-title" description={t('Yours alone. Names of machines, passwords and own user data are not kept.')} />
      <ModalBody>
        {known.error || problem ? <ProblemAlert problem={problem ?? problemOf(known.error)} /> : null}
        {known.isPending ? <LoadingPage /> : null}
        {known.data?.length === 0 ? <p className="qd-dim">{t('You have none yet: fill in the form, and keep it under a name.')}</p> : null}
        <ul className="qd-presets" aria-label={t('Presets')}>
          {known.data?.map((preset) => (
            <li key={preset.id}>
              <span className="qd-shrink">{preset.name}</span>
              <Button size="sm" variant="secondary" onClick={() => use(preset)} aria-label={t('Use {{name}}', { name: preset.name })}>
                {t('Use')}
              </Button>
              <Button size="sm" variant="link" isDanger onClick={() => void forget(preset)} aria-label={t('Delete {{name}}', { name: preset.name })}>
                {t('Delete')}
              </Button>
            </li>
          ))}
        </ul>
        <Form id="preset-form" noValidate onSubmit={(event) => (event.preventDefault(), reason === null && void keep())}>
          <PointedField id="preset-name" label={t('Keep what the form holds as')} pointers={['/name', '/settings']} errors={problem?.errors ?? []} warning={same ? t('The preset of this name is replaced.') : null}>
            <TextInput id="preset-name" value={name} autoComplete="off" onChange={(_, value) => setName(value)} />
          </PointedField>
        </Form>
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={reason} type="submit" form="preset-form">
          {t('Keep')}
        </ReasonButton>
        <Button variant="link" onClick={onClose}>
          {t('Close')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
