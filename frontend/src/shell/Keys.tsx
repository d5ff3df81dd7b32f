import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from 'react';
import { KeysContext, type KeysApi, type Shortcut } from './keysContext';
// Not lazy: what is typed before it is there would be taken for shortcuts.
import { Palette } from './Palette';

const ShortcutSheet = lazy(() => import('./ShortcutSheet'));

/** Listens to the keys of the whole page. Letters do nothing while somebody types or while a dialog is open. */
export function KeysProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<'palette' | 'sheet' | null>(null);
  const [shortcuts, setShortcuts] = useState<Shortcut[]>([]);
  const api = useMemo<KeysApi>(
    () => ({
      openPalette: () => setOpen('palette'),
      openSheet: () => setOpen('sheet'),
      add: (shortcut) => {
        setShortcuts((old) => [...old, shortcut]);
        return () => setShortcuts((old) => old.filter((known) => known !== shortcut));
      },
    }),
    [],
  );
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOpen((now) => (now === 'palette' ? null : 'palette'));
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || document.querySelector('[role=dialog]')) return;
      if (event.key === '?') setOpen('sheet');
      const found = shortcuts.find((shortcut) => shortcut.key === event.key);
      if (!found) return;
      event.preventDefault();
      found.run(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [shortcuts]);
  const close = () => setOpen(null);
  return (
    <KeysContext value={api}>
      {children}
      {open === 'palette' ? <Palette onClose={close} /> : null}
      <Suspense fallback={null}>
        {open === 'sheet' ? <ShortcutSheet shortcuts={shortcuts} onClose={close} /> : null}
      </Suspense>
    </KeysContext>
  );
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT', 'CANVAS'].includes(target.tagName));
}
