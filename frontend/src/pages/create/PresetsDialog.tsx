import { Alert, Button, Form, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, problemOf } from '../../api/client';
import { PRESETS, presets, type Preset } from '../../api/presets';
import { useSession } from '../../api/session';
import { useAttempt } from '../../api/useAttempt';
import { FormSelect, TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Tick } from '../../components/Tick';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import type { Draft } from './draft';
import { PointedField } from './PointedField';
import { fromPreset, toPreset } from './preset';

interface Props {
  draft: Draft;
  onUse: (draft: Draft) => void;
  onClose: () => void;
}

/** What one kept of this form, or others share: to begin from it, to add to it, to forget it. */
export function PresetsDialog({ draft, onUse, onClose }: Props) {
  const cache = useQueryClient();
  const known = useQuery(presets());
  const user = useSession().data?.user;
  const [name, setName] = useState('');
  const [asked, setShared] = useState<boolean | null>(null);
  const [gone, setGone] = useState<Preset | null>(null);
  const { attempt, busy, problem } = useAttempt();
  const same = known.data?.find((preset) => preset.user === user && preset.name === name.trim());
  const shared = asked ?? same?.shared ?? false;
  const reason = name.trim() === '' ? t('Give it a name.') : null;
  const reread = () => cache.invalidateQueries(presets());
  const keep = () =>
    attempt(async () => {
      await call('POST', PRESETS, { body: { name: name.trim(), settings: toPreset(draft), shared } });
      await reread();
      setName('');
      setShared(null);
    });
  const again = ({ name, settings, shared, earlier }: Preset) =>
    attempt(async () => {
      for (const held of [...earlier.map((each) => each.settings).reverse(), settings]) await call('POST', PRESETS, { body: { name, settings: held, shared } });
      setGone(null);
      await reread();
    });
  const forget = (preset: Preset) =>
    attempt(async () => {
      await call('DELETE', `${PRESETS}/{id}`, { path: { id: preset.id } });
      setGone(preset);
      await reread();
    });
  const use = (settings: Preset['settings']) => {
    onUse({ ...fromPreset(settings), host: draft.host });
    onClose();
  };
  return (
    <Dialog variant="small" onClose={onClose} aria-labelledby="presets-title">
      <ModalHeader title={t('Presets')} labelId="presets-title" description={t('Descriptions of machines to begin from. Names of machines, passwords and own user data are not kept.')} />
      <ModalBody>
        {known.error || (problem && !problem.errors?.length) ? <ProblemAlert problem={problem ?? problemOf(known.error)} /> : null}
        {gone ? (
          <Alert variant="info" isInline isPlain isLiveRegion title={t('{{name}} is deleted', { name: gone.name })}>
            <Button variant="link" isInline onClick={() => void again(gone)}>
              {t('Undo')}
            </Button>
          </Alert>
        ) : null}
        {known.isPending ? <LoadingPage /> : null}
        {known.data?.length === 0 ? <p className="qd-dim">{t('There are none yet: fill in the form, and keep it under a name.')}</p> : null}
        <ul className="qd-presets" aria-label={t('Presets')}>
          {known.data?.map((preset) => (
            <Kept key={`${preset.id} ${preset.version}`} preset={preset} mine={preset.user === user} onUse={use} onForget={() => void forget(preset)} />
          ))}
        </ul>
        <Form id="preset-form" noValidate onSubmit={(event) => (event.preventDefault(), reason === null && void keep())}>
          <PointedField id="preset-name" label={t('Keep what the form holds as')} pointers={['/name', '/settings']} errors={problem?.errors ?? []} help={same ? t('It becomes version {{number}} of this preset.', { number: same.version + 1 }) : null}>
            <TextInput id="preset-name" value={name} autoComplete="off" onChange={(_, value) => setName(value)} />
          </PointedField>
          <Tick id="preset-shared" label={t('For everybody who makes machines here')} help={t('Only you change or delete it.')} checked={shared} onChange={setShared} />
        </Form>
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={reason} type="submit" form="preset-form" isLoading={busy} isDisabled={busy}>
          {t('Keep')}
        </ReasonButton>
        <Button variant="link" onClick={onClose}>
          {t('Close')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}

interface KeptProps {
  preset: Preset;
  mine: boolean;
  onUse: (settings: Preset['settings']) => void;
  onForget: () => void;
}

/** One preset, in any version that it had. */
function Kept({ preset, mine, onUse, onForget }: KeptProps) {
  const [version, setVersion] = useState(preset.version);
  const held = preset.earlier.find((each) => each.version === version) ?? preset;
  const whose = mine ? (preset.shared ? t('for everybody') : '') : t('of {{user}}', { user: preset.user });
  return (
    <li>
      <span>
        {preset.name} <span className="qd-dim">{whose}</span>
      </span>
      {preset.earlier.length > 0 ? (
        <FormSelect aria-label={t('Version of {{name}}', { name: preset.name })} value={version} onChange={(_, next) => setVersion(Number(next))}>
          <FormSelectOption value={preset.version} label={t('Version {{number}}', { number: preset.version })} />
          {preset.earlier.map((each) => (
            <FormSelectOption key={each.version} value={each.version} label={t('Version {{number}}, until {{time}}', { number: each.version, time: formatTime(each.until) })} />
          ))}
        </FormSelect>
      ) : null}
      <Button size="sm" variant="secondary" onClick={() => onUse(held.settings)} aria-label={t('Use {{name}}', { name: preset.name })}>
        {t('Use')}
      </Button>
      <ReasonButton size="sm" variant="link" isDanger reason={preset.remove} onClick={onForget} aria-label={t('Delete {{name}}', { name: preset.name })}>
        {t('Delete')}
      </ReasonButton>
    </li>
  );
}
