import { FormGroup, FormSelectOption, Radio } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DOMAIN, problemOf } from '../../api/client';
import { fieldError } from '../../api/problem';
import { snapshotsOf, type Snapshot } from '../../api/snapshots';
import type { DomainSummary } from '../../api/types';
import { Field } from '../../components/Field';
import { FormSelect, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import type { ActDialogProps } from '..';
import { PlannedDialog, type Change } from '../PlannedDialog';
import { Unready } from './Unready';
import { Wrong } from './Wrong';

/** Goes back to one of the snapshots of a machine. */
export default function DomainRevert({ domain, onClose }: ActDialogProps) {
  const list = useQuery(snapshotsOf(domain));
  const title = t('Go back to a snapshot');
  const [chosen, setChosen] = useState<string | null>(null);
  const snapshot = list.data?.find((each) => (chosen === null ? each.current : each.name === chosen)) ?? list.data?.[0];
  const none = list.data?.length === 0 ? t('It has no snapshots any more.') : undefined;
  if (!list.data || !snapshot) return <Unready title={title} problem={list.error ? problemOf(list.error) : null} text={none} onRetry={() => void list.refetch()} onClose={onClose} />;
  return <RevertDialog key={snapshot.name} domain={domain} snapshot={snapshot} choices={list.data} onChoose={setChosen} onClose={onClose} />;
}

interface Props {
  domain: DomainSummary;
  snapshot: Snapshot;
  choices?: Snapshot[];
  onChoose?: (name: string) => void;
  onClose: () => void;
}

type Present = 'lose' | 'keep' | 'preview';
type State = 'running' | 'paused' | 'shut_off';

/** How to go back to one snapshot: what the machine is afterwards, and whether the present state is kept first. */
export function RevertDialog({ domain, snapshot, choices, onChoose, onClose }: Props) {
  const [state, setState] = useState<State>(snapshot.state === 'disk_only' ? 'shut_off' : snapshot.state);
  const [present, setPresent] = useState<Present>('lose');
  const keep = present === 'keep';
  const [name, setName] = useState(() => `${t('before going back')}`.replaceAll(' ', '-'));
  const path = { host: domain.host, uuid: domain.uuid };
  const change: Change =
    present === 'preview'
      ? { method: 'POST', template: `${DOMAIN}/snapshot-preview`, path, body: { snapshot: snapshot.name, state } }
      : { method: 'POST', template: `${DOMAIN}/snapshots/{snapshot}/revert`, path: { ...path, snapshot: snapshot.name }, body: { state, keep: keep ? name : undefined } };
  const title = t('Go back to {{name}}', { name: snapshot.name });
  return (
    <PlannedDialog title={title} description={domain.name} verb={present === 'preview' ? t('Preview') : t('Go back')} danger={present === 'lose'} change={change} done={`${domain.name}: ${title}`} shown={['/keep', '/state']} onClose={onClose}>
      {(problem) => (
        <>
          {choices && onChoose ? (
            <FormGroup label={t('Snapshot')} fieldId="revert-snapshot">
              <FormSelect id="revert-snapshot" value={snapshot.name} onChange={(_, next) => onChoose(next)}>
                {choices.map((each) => (
                  <FormSelectOption key={each.name} value={each.name} label={`${each.name} (${formatTime(each.created)})`} />
                ))}
              </FormSelect>
            </FormGroup>
          ) : null}
          <FormGroup role="radiogroup" label={t('Afterwards it is')} fieldId="revert-state">
            {states(snapshot).map((each) => (
              <Radio
                key={each.id}
                id={`revert-${each.id}`}
                name="revert-state"
                label={each.label}
                description={each.text}
                isChecked={state === each.id}
                onChange={() => setState(each.id)}
              />
            ))}
            <Wrong text={fieldError(problem, '/state')} />
          </FormGroup>
          <FormGroup role="radiogroup" label={t('The present state')} fieldId="revert-present">
            {presents().map((each) => (
              <Radio
                key={each.id}
                id={`revert-${each.id}`}
                name="revert-present"
                label={each.label}
                description={each.text}
                isChecked={present === each.id}
                onChange={() => setPresent(each.id)}
              />
            ))}
          </FormGroup>
          {keep ? (
            <Field id="revert-name" label={t('Name of the snapshot')} isRequired error={fieldError(problem, '/keep')}>
              <TextInput id="revert-name" value={name} onChange={(_, next) => setName(next)} />
            </Field>
          ) : null}
        </>
      )}
    </PlannedDialog>
  );
}

function presents(): { id: Present; label: string; text: string }[] {
  return [
    { id: 'lose', label: t('Give it up'), text: t('What changed since the last snapshot is lost.') },
    { id: 'keep', label: t('Keep it as a snapshot first'), text: t('So that you can come back to it.') },
    { id: 'preview', label: t('Only look, and decide later'), text: t('A preview: keep it, or drop it and be where you are now.') },
  ];
}

function states({ memory }: Snapshot): { id: State; label: string; text: string }[] {
  return [
    { id: 'running', label: t('Running'), text: memory ? t('It goes on where it was.') : t('It boots from the disks as they were.') },
    { id: 'paused', label: t('Paused'), text: memory ? t('With its memory as it was, to look at it first.') : t('Before the first step of its boot.') },
    { id: 'shut_off', label: t('Off'), text: memory ? t('The kept memory is not used.') : t('To be started later.') },
  ];
}
