import { Checkbox, FormGroup, Radio } from '@patternfly/react-core';
import { useState } from 'react';
import { fieldError } from '../../api/problem';
import type { DomainSummary } from '../../api/types';
import { TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { t } from '../../util/i18n';
import { PlannedDialog } from '../PlannedDialog';
import { Wrong } from '../snapshot/Wrong';

interface Props {
  domain: DomainSummary;
  title: string;
  /** What the new machine is called if nobody says otherwise. */
  proposed: string;
  /** Where it is asked for. */
  template: string;
  path: Record<string, string>;
  linked: { help: string; reason?: string | null };
  /** Whether what its TPM holds can be copied too, and why not; left out where it has none. */
  tpm?: { reason: string | null } | undefined;
  onDone?: () => void;
  onClose: () => void;
}

/** Makes a new machine, or a template, of what this one was at some time. */
export function EarlierClone({ domain, title, proposed, template, path, linked, tpm, onDone, onClose }: Props) {
  const [name, setName] = useState(proposed);
  const [mode, setMode] = useState<'full' | 'linked'>('full');
  const [kept, setKept] = useState(false);
  const [start, setStart] = useState(false);
  const [keys, setKeys] = useState(false);
  const change = { method: 'POST' as const, template, path, body: { name, mode, start: start && !kept, template: kept, tpm_state: keys ? 'copy' : undefined } };
  return (
    <PlannedDialog title={title} description={domain.name} verb={t('Make it')} change={change} done={`${domain.name}: ${title}`} shown={['/name', '/mode', '/tpm_state']} onDone={() => onDone?.()} onClose={onClose}>
      {(problem) => (
        <>
          <Field id="earlier-clone-name" label={t('Name')} isRequired error={fieldError(problem, '/name')}>
            <TextInput id="earlier-clone-name" value={name} isRequired onChange={(_, next) => setName(next)} />
          </Field>
          <FormGroup role="radiogroup" label={t('Its disks')} fieldId="earlier-clone-mode">
            <Radio id="earlier-clone-full" name="earlier-clone-mode" label={t('Copies')} description={t('It depends on nothing else.')} isChecked={mode === 'full'} onChange={() => setMode('full')} />
            <Radio
              id="earlier-clone-linked"
              name="earlier-clone-mode"
              label={t('Linked')}
              description={linked.reason ?? linked.help}
              isDisabled={!!linked.reason}
              isChecked={mode === 'linked'}
              onChange={() => setMode('linked')}
            />
            <Wrong text={fieldError(problem, '/mode')} />
          </FormGroup>
          {tpm ? <TpmChoice reason={tpm.reason} on={keys} set={setKeys} wrong={fieldError(problem, '/tpm_state')} /> : null}
          <FormGroup role="group" label={t('When it is ready')} fieldId="earlier-clone-template">
            <Checkbox
              id="earlier-clone-template"
              label={t('Keep it as a template')}
              description={t('It is not started; others are cloned from it.')}
              isChecked={kept}
              onChange={(_, on) => setKept(on)}
            />
            <Checkbox
              id="earlier-clone-start"
              label={t('Start it')}
              description={kept ? t('A template is not started.') : undefined}
              isDisabled={kept}
              isChecked={start && !kept}
              onChange={(_, on) => setStart(on)}
            />
          </FormGroup>
        </>
      )}
    </PlannedDialog>
  );
}

function TpmChoice({ reason, on, set, wrong }: { reason: string | null; on: boolean; set: (on: boolean) => void; wrong: string | undefined }) {
  return (
    <FormGroup role="group" label={t('Its TPM')} fieldId="earlier-clone-tpm">
      <Checkbox
        id="earlier-clone-tpm"
        label={t('Copy what its TPM held')}
        description={reason ?? t('Needed where the guest keeps keys there; both machines then have the same secrets.')}
        isDisabled={!!reason}
        isChecked={on}
        onChange={(_, next) => set(next)}
      />
      <Wrong text={wrong} />
    </FormGroup>
  );
}
