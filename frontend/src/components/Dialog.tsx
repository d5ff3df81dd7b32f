import { Modal } from '@patternfly/react-core';
import { createContext, use, useEffect, useMemo, useRef, useState, type ComponentProps, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { leadToWrong } from './leadToWrong';

const FIELD = '.pf-v6-c-modal-box__body :is(input:not([type=radio]), input:checked, select, textarea):enabled';

const CROSS = '.pf-v6-c-modal-box__close > button';

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
      <div className="qd-step" hidden={step !== null} ref={guide}>
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

function guide(step: HTMLElement | null) {
  const ends = [keepFocus(step), leadToWrong(step)];
  return () => ends.forEach((end) => end?.());
}

/**
 * Begins at the first field, also where it comes late, and goes on at it or at the title where what had the focus is
 * gone. PatternFly begins at the cross, from which Enter closes what was just opened.
 */
function keepFocus(step: HTMLElement | null) {
  const box = step?.closest('.pf-v6-c-modal-box');
  if (!step || !box) return;
  let last = box.contains(document.activeElement) ? document.activeElement : null;
  const begin = () => {
    const field = step.querySelector<HTMLElement>(FIELD);
    field?.focus();
    return field !== null;
  };
  let begun = step.contains(document.activeElement) || begin();
  const look = () => {
    if (step.hidden) return;
    if (isGone(last)) begun = begin() || focusTitle(step);
    else if (!begun && (document.activeElement === document.body || document.activeElement?.matches(CROSS))) begun = begin();
  };
  const remember = ({ target }: Event) => {
    last = target as Element;
    begun ||= !last.matches(CROSS);
  };
  const changes = new MutationObserver(look);
  changes.observe(box, { childList: true, subtree: true, attributeFilter: ['disabled', 'hidden'] });
  box.addEventListener('focusin', remember);
  return () => {
    changes.disconnect();
    box.removeEventListener('focusin', remember);
  };
}

const isGone = (last: Element | null): boolean => last !== null && (!last.isConnected || last.closest('[hidden]') !== null);

function focusTitle(step: HTMLElement): boolean {
  const title = step.querySelector<HTMLElement>('.pf-v6-c-modal-box__title');
  title?.setAttribute('tabindex', '-1');
  title?.focus();
  return true;
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
