import { Alert, AlertActionLink, Button } from '@patternfly/react-core';
import PencilIcon from '@patternfly/react-icons/dist/esm/icons/pencil-alt-icon';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { problemOf } from '../../../api/client';
import { isChangedMeanwhile } from '../../../api/problem';
import type { Problem } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { t } from '../../../util/i18n';

interface InputProps {
  id: string;
  value: string;
  onChange: (text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  'aria-label': string;
  autoFocus: boolean;
}

interface Props {
  label: string;
  hint?: string;
  value: string;
  /** The version shown; the one that was shown when editing began is sent along. */
  etag: string;
  reason: string | null;
  /** What stores the text, given the version to replace. */
  save: (text: string) => (etag: string) => Promise<void>;
  input: (props: InputProps) => ReactNode;
  /** How the value looks while nobody edits it; nothing when there is none. */
  children: ReactNode;
}

/** A value with a pencil. Enter saves (Ctrl+Enter where Enter makes a new line), Escape gives up. */
export function EditInPlace({ label, hint, value, etag, reason, save, input, children }: Props) {
  const [text, setText] = useState<string | null>(null);
  const [from, setFrom] = useState(etag);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const id = `edit-${label}`;

  const end = () => {
    setText(null);
    setProblem(null);
    setBusy(false);
    requestAnimationFrame(() => document.getElementById(`${id}-pencil`)?.focus());
  };
  const store = async (version: string) => {
    if (text === null || busy) return;
    if (text === value) return end();
    setBusy(true);
    try {
      await save(text)(version);
      end();
    } catch (error) {
      setBusy(false);
      setProblem(problemOf(error));
    }
  };
  const begin = () => {
    setText(value);
    setFrom(etag);
  };
  if (text === null) {
    return (
      <span>
        {children ?? <span className="qd-dim">{t('none')}</span>}{' '}
        <ReasonButton
          id={`${id}-pencil`}
          reason={reason}
          variant="plain"
          size="sm"
          icon={<PencilIcon />}
          aria-label={t('Edit {{field}}', { field: label })}
          onClick={begin}
        />
      </span>
    );
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const lines = event.target instanceof HTMLTextAreaElement;
    if (event.key === 'Escape') end();
    else if (event.key === 'Enter' && (!lines || event.ctrlKey)) void store(from);
  };
  return (
    <div className="qd-in-place-form">
      {input({ id, value: text, onChange: setText, onKeyDown, 'aria-label': label, autoFocus: true })}
      {hint ? <p className="qd-dim">{hint}</p> : null}
      {isChangedMeanwhile(problem) ? (
        <Alert
          variant="warning"
          isInline
          title={t('Somebody changed the machine meanwhile')}
          actionLinks={<AlertActionLink onClick={() => void store(etag)}>{t('Save mine all the same')}</AlertActionLink>}
        >
          {t('It now says: {{value}}', { value: value || t('none') })}
        </Alert>
      ) : problem ? (
        <ProblemAlert problem={problem} />
      ) : null}
      <div>
        <Button size="sm" onClick={() => void store(from)} isLoading={busy} isDisabled={busy}>
          {t('Save')}
        </Button>{' '}
        <Button size="sm" variant="link" onClick={end}>
          {t('Cancel')}
        </Button>
      </div>
    </div>
  );
}
