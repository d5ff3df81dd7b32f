import { useEffect, useState } from 'react';

interface KeyboardLock {
  lock?: () => Promise<void>;
  unlock?: () => void;
}

const keyboard = (): KeyboardLock | undefined => (navigator as Navigator & { keyboard?: KeyboardLock }).keyboard;

/**
 * Whether the console fills the screen, and a switch. The whole document goes full screen, not the console's element, so that
 * menus and dialogs, which stand elsewhere in the document, stay visible. A browser that refuses still fills its window.
 */
export function useFullScreen(): [boolean, (on: boolean) => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const changed = () => {
      if (!document.fullscreenElement) {
        keyboard()?.unlock?.();
        setFull(false);
      }
    };
    document.addEventListener('fullscreenchange', changed);
    return () => {
      document.removeEventListener('fullscreenchange', changed);
      if (document.fullscreenElement) void document.exitFullscreen();
    };
  }, []);
  const set = (on: boolean) => {
    setFull(on);
    if (on) void enter();
    else if (document.fullscreenElement) void document.exitFullscreen();
  };
  return [full, set];
}

async function enter(): Promise<void> {
  try {
    await document.documentElement.requestFullscreen();
    // Alt+Tab and the like go to the guest, where the browser can do that; holding Esc always leaves.
    await keyboard()?.lock?.();
  } catch {
    // Not allowed here: filling the window has to do.
  }
}
