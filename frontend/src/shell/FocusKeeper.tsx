import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

/** So long a dialog takes to give the focus back to what opened it. */
const SETTLED_MS = 50;

/** Keeps a place for the keyboard: where the page changes, or what had the focus goes, the focus goes to the page's title. */
export function FocusKeeper() {
  const { pathname } = useLocation();
  const last = useRef<Element | null>(null);
  const at = useRef(pathname);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current ||= at.current !== pathname && document.activeElement === document.body;
    at.current = pathname;
  }, [pathname]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      timer = undefined;
      if (document.activeElement !== document.body || !(isGone.current || last.current?.isConnected === false)) return;
      const title = document.querySelector<HTMLElement>('#main h1');
      title?.setAttribute('tabindex', '-1');
      title?.focus({ preventScroll: true });
    };
    const changes = new MutationObserver(() => {
      timer ??= setTimeout(look, SETTLED_MS);
    });
    const remember = ({ target }: FocusEvent) => {
      last.current = target as Element;
      isGone.current = false;
    };
    const main = document.getElementById('main');
    if (main) changes.observe(main, { childList: true, subtree: true });
    changes.observe(document.body, { childList: true });
    document.addEventListener('focusin', remember);
    return () => {
      clearTimeout(timer);
      changes.disconnect();
      document.removeEventListener('focusin', remember);
    };
  }, []);
  return null;
}
