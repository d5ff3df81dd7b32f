import type { ReactNode } from 'react';

/** Something wider than a phone: it scrolls in itself, also by keyboard. */
export function ScrollX({ label, children }: { label: string; children: ReactNode }) {
  return (
    // A region that scrolls has to be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="qd-scroll-x" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
