import { useEffect, useRef, type KeyboardEvent } from 'react';
import { t } from '../util/i18n';
import type { View, VncSession } from './vnc';
import { WAY_OUT } from './useWayOut';

interface Props {
  session: VncSession;
  name: string;
  view: View;
  viewOnly: boolean;
}

/** The picture itself. Tab reaches the frame, Enter goes into the guest, so nobody is caught in passing. */
export function VncScreen({ session, name, view, viewOnly }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const label = t('Screen of {{name}}', { name });
  useEffect(() => {
    if (place.current) session.attach(place.current, label);
  }, [session, label]);
  useEffect(() => session.set(view, viewOnly), [session, view, viewOnly]);
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.target !== place.current || viewOnly) return;
    event.preventDefault();
    session.focus();
  };
  const help = viewOnly ? t('{{label}}, to look at only', { label }) : t('{{label}}. Enter to type into it; left {{keys}} together gives the keyboard back.', { label, keys: WAY_OUT });
  return (
    // The screen takes keys, so it has to be reachable and entered by them.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={place}
      className="qd-console-screen"
      role="application"
      aria-label={help}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={enter}
    />
  );
}
