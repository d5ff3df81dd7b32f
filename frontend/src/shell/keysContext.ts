import { createContext, use, useEffect, useRef } from 'react';

export interface Shortcut {
  /** As KeyboardEvent.key says it: "s", "/", "?". Without modifiers. */
  key: string;
  /** For the sheet. */
  text: string;
  group: string;
  run: (event: KeyboardEvent) => void;
}

/** Palette, shortcut sheet, and the shortcuts that the page on screen adds. */
export interface KeysApi {
  openPalette: () => void;
  openSheet: () => void;
  add: (shortcut: Shortcut) => () => void;
}

export const KeysContext = createContext<KeysApi | null>(null);

export function useKeys(): KeysApi {
  const keys = use(KeysContext);
  if (!keys) throw new Error('No KeysProvider above this component');
  return keys;
}

/** A shortcut that works while the component is on screen, and stands in the `?` sheet. */
export function useShortcut(key: string, text: string, group: string, run: (event: KeyboardEvent) => void): void {
  useShortcuts([{ key, text, group, run }]);
}

/** Several of them, whose number may change. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const keys = useKeys();
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map(({ key, text, group }) => `${key}\n${text}\n${group}`).join('\n\n');
  useEffect(() => {
    const run = (key: string) => (event: KeyboardEvent) => latest.current.find((shortcut) => shortcut.key === key)?.run(event);
    const removes = latest.current.map((shortcut) => keys.add({ ...shortcut, run: run(shortcut.key) }));
    return () => removes.forEach((remove) => remove());
    // `names` stands for the list: what a key does is looked up when it is pressed.
  }, [keys, names]);
}
