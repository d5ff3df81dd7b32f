import { useEffect, useEffectEvent, type RefObject } from 'react';

/**
 * The keyboard's way out of a console, which otherwise takes every key: left Ctrl and left Alt pressed together and let go,
 * nothing else between (as native viewers do). Combinations such as Ctrl+Alt+F1 still reach the guest.
 */
export function useWayOut(root: RefObject<HTMLElement | null>, onOut: () => void): void {
  const out = useEffectEvent(onOut);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const held = new Set<string>();
    let armed = false;
    const down = (event: KeyboardEvent) => {
      held.add(event.code);
      armed = held.size === 2 && held.has('ControlLeft') && held.has('AltLeft');
    };
    const up = (event: KeyboardEvent) => {
      held.delete(event.code);
      if (held.size > 0 || !armed) return;
      armed = false;
      // The console has to see this release first, or the guest would keep the key held.
      setTimeout(() => out());
    };
    const forget = () => {
      held.clear();
      armed = false;
    };
    element.addEventListener('keydown', down, true);
    element.addEventListener('keyup', up, true);
    window.addEventListener('blur', forget);
    return () => {
      element.removeEventListener('keydown', down, true);
      element.removeEventListener('keyup', up, true);
      window.removeEventListener('blur', forget);
    };
  }, [root]);
}

/** How the way out is told to people. */
export const WAY_OUT = 'Ctrl+Alt';
