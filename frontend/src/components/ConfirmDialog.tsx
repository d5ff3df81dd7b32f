import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../api/types';
import { CancelButton } from './CancelButton';
import { Dialog } from './Dialog';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  title: string;
  children: ReactNode;
  /** The verb on the button, never "OK". */
  verb: string;
  danger?: boolean;
  /** Why the button cannot be pressed yet. */
  blocked?: string | null;
  variant?: 'small' | 'medium' | 'large';
  /** Does it; a rejection is shown in the dialog, which stays open. `toProblem` turns it into words. */
  onConfirm: () => Promise<void>;
  toProblem: (error: unknown) => Problem;
  /** Beside the buttons: what shows the plan. */
  extra?: ReactNode;
  onClose: () => void;
}

/** Asks before an act. The text names the object and says what survives. */
export function ConfirmDialog({ title, children, verb, danger, blocked, variant = 'small', onConfirm, toProblem, extra, onClose }: Props) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(toProblem(error));
      setBusy(false);
    }
  };
  return (
    <Dialog variant={variant} onClose={onClose} aria-labelledby="confirm-title">
      <ModalHeader title={title} labelId="confirm-title" titleIconVariant={danger ? 'warning' : undefined} />
      <ModalBody>
        {problem ? <ProblemAlert problem={problem} /> : null}
        {children}
      </ModalBody>
      <ModalFooter>
        <Button
          variant={danger ? 'danger' : 'primary'}
          onClick={() => void confirm()}
          isDisabled={busy || !!blocked}
          isLoading={busy}
          autoFocus={!danger}
        >
          {verb}
        </Button>
        {extra}
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
