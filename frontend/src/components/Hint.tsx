import { Tooltip } from '@patternfly/react-core';
import { useRef, useState, type ReactNode } from 'react';

interface Props {
  /** Nothing: there is nothing to tell just now. */
  text: ReactNode;
  children: ReactNode;
  className?: string;
}

/**
 * A tooltip that comes into being only when it is asked for, by pointer or by focus. PatternFly's own costs as much as a
 * whole row of the list, and a list has several in each row.
 */
export function Hint({ text, children, className = 'qd-hint' }: Props) {
  const box = useRef<HTMLSpanElement>(null);
  const [asked, setAsked] = useState(false);
  const [shown, setShown] = useState(false);
  const show = () => {
    setAsked(true);
    setShown(true);
  };
  const hide = () => setShown(false);
  // Somebody at the keyboard reads it while the pointer, or the page below it, moves away.
  const leave = () => (box.current?.querySelector(':focus-visible') ? undefined : hide());
  return (
    // The events only bubble through here; what can be focused is inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <span ref={box} className={className} onPointerEnter={show} onPointerLeave={leave} onFocus={show} onBlur={hide} onKeyDown={(event) => (event.key === 'Escape' ? hide() : undefined)}>
      {children}
      {asked && text ? <Tooltip content={text} triggerRef={() => trigger(box.current)} trigger="manual" isVisible={shown} /> : null}
    </span>
  );
}

/** What the tooltip describes: the control inside, else the text itself. */
function trigger(box: HTMLElement | null): HTMLElement {
  const control = box?.querySelector<HTMLElement>('button, a, [role=img]');
  return control ?? box ?? document.body;
}
