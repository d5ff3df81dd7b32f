import { useState } from 'react';

interface Place {
  appendTo: () => HTMLElement;
  onEscapePress: (event: KeyboardEvent) => void;
}

/**
 * Where a modal goes: into the one that is open beneath it, where there is one. Side by side in the body PatternFly hides
 * both from screen readers as soon as one of them is drawn again, and Escape closes both.
 */
export function useAbove(onClose: () => void): Place {
  const [beneath] = useState(() => [...document.querySelectorAll<HTMLElement>('.pf-v6-c-backdrop')].at(-1) ?? document.body);
  return {
    // One that closes in the moment in which this opens is no place any more.
    appendTo: () => (beneath.isConnected ? beneath : document.body),
    onEscapePress: (event) => {
      if (event.currentTarget !== document.body) event.stopPropagation();
      onClose();
    },
  };
}
