import { Tooltip } from '@patternfly/react-core';
import { useRef, useState, type ReactNode } from 'react';

interface Props {
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
  return (
    // The events only bubble through here; what can be focused is inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <span ref={box} className={className} onPointerEnter={show} onPointerLeave={hide} onFocus={show} onBlur={hide} onKeyDown={(event) => (event.key === 'Escape' ? hide() : undefined)}>
      {children}
      {asked ? <Tooltip content={text} triggerRef={() => trigger(box.current)} trigger="manual" isVisible={shown} /> : null}
    </span>
  );
}

/** What the tooltip describes: the control inside, else the text itself. */
function trigger(box: HTMLElement | null): HTMLElement {
  const control = box?.querySelector<HTMLElement>('button, a, [role=img]');
  return control ?? box ?? document.body;
}
