import { Modal } from '@patternfly/react-core';
import { createContext, use, useEffect, useMemo, useRef, useState, type ComponentProps, type ReactNode } from 'react';
import { createPortal } from 'react-dom';

const FIELD = '.pf-v6-c-modal-box__body :is(input:not([type=radio]), input:checked, select, textarea):enabled';

interface Step {
  back: () => void;
  /** The id of its title. */
  titleId: string | undefined;
}

interface Steps {
  /** Where a step is drawn. */
  place: HTMLElement | null;
  onStep: (step: Step | null) => void;
}

const StepsContext = createContext<Steps | null>(null);

interface Props extends Omit<ComponentProps<typeof Modal>, 'isOpen' | 'onClose' | 'ref'> {
  /** Left out where it may not be closed. */
  onClose?: (() => void) | undefined;
}

/**
 * A dialog. One that opens over another becomes a step of that one, since of two open modals PatternFly hides both from
 * screen readers: it takes the place of what stood there, which stays as it is behind it and comes back by Escape.
 */
export function Dialog({ children, onClose, ...modal }: Props) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  const [step, setStep] = useState<Step | null>(null);
  const outer = use(StepsContext);
  const steps = useMemo<Steps>(() => ({ place, onStep: setStep }), [place]);
  const back = step?.back ?? onClose;
  const titleId = step ? step.titleId : modal['aria-labelledby'];
  const content = (
    <StepsContext value={steps}>
      <div className="qd-step" hidden={step !== null} ref={focusFirstField}>
        {children}
      </div>
      <div className="qd-step" ref={setPlace} />
    </StepsContext>
  );
  if (outer) {
    return (
      <StepOf outer={outer} onBack={back} titleId={titleId}>
        {content}
      </StepOf>
    );
  }
  return (
    <Modal {...modal} isOpen {...(back ? { onClose: back } : {})} {...(titleId ? { 'aria-labelledby': titleId } : {})}>
      {content}
    </Modal>
  );
}

/** PatternFly begins at the cross, from which Enter closes what was just opened. */
function focusFirstField(dialog: HTMLElement | null) {
  if (!dialog || dialog.contains(document.activeElement)) return;
  dialog.querySelector<HTMLElement>(FIELD)?.focus();
}

function StepOf({ outer: { place, onStep }, onBack, titleId, children }: { outer: Steps; onBack: (() => void) | undefined; titleId: string | undefined; children: ReactNode }) {
  // Before anything in the step takes the focus.
  const [from] = useState(() => document.activeElement);
  const back = useRef(onBack);
  useEffect(() => {
    back.current = onBack;
  }, [onBack]);
  useEffect(() => {
    onStep({ back: () => back.current?.(), titleId });
    return () => onStep(null);
  }, [onStep, titleId]);
  useEffect(() => {
    // What it came from is in sight again only after this.
    return () => void requestAnimationFrame(() => from instanceof HTMLElement && from.focus());
  }, [from]);
  return place ? createPortal(children, place) : null;
}
