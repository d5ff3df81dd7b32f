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
  const keys = useKeys();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => keys.add({ key, text, group, run: (event) => latest.current(event) }), [keys, key, text, group]);
}
