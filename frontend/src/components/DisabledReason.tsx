import { Button } from '@patternfly/react-core';
import type { ComponentProps } from 'react';
import { Hint } from './Hint';

/**
 * A button that is never hidden: with a reason it stays in the tab order, is announced as disabled, does nothing, and its
 * tooltip says why and what cures it.
 */
export function ReasonButton({ reason, onClick, ...rest }: ComponentProps<typeof Button> & { reason: string | null | undefined }) {
  // The same element with and without a reason: it keeps the focus when that changes.
  return (
    <Hint text={reason}>
      <Button {...(reason ? { isAriaDisabled: true, 'aria-description': reason } : { onClick })} {...rest} />
    </Hint>
  );
}

/** For DropdownItem and the like: what makes an item disabled with a reason. */
export function reasonProps(reason: string | null | undefined) {
  return reason ? { isAriaDisabled: true, tooltipProps: { content: reason, position: 'left' as const } } : {};
}
