import type { ReactNode } from 'react';
import { Hint } from './Hint';

interface Props {
  label: string;
  icon: ReactNode;
  /** Why it does nothing now; it stays, and says so. */
  reason?: string | null | undefined;
  onClick: () => void;
  tabIndex?: number | undefined;
  hasPopup?: boolean;
}

/** A button for rows of long lists: PatternFly's own brings 150 CSS variables along, which a scrolling list feels. */
export function IconButton({ label, icon, reason, onClick, tabIndex, hasPopup }: Props) {
  const button = (
    <button
      type="button"
      className="qd-icon-button"
      aria-label={label}
      aria-disabled={reason ? true : undefined}
      aria-haspopup={hasPopup ? 'menu' : undefined}
      tabIndex={tabIndex}
      onClick={reason ? undefined : onClick}
    >
      {icon}
    </button>
  );
  return reason ? <Hint text={reason}>{button}</Hint> : button;
}
