import type { Layout } from './layouts';

/** One press of a key. `code` is null where the layout has no key: then only the character itself can be sent. */
interface Stroke {
  keysym: number;
  code: string | null;
  shift: boolean;
  altgr: boolean;
}

export interface Typing {
  strokes: Stroke[];
  /** Characters that the layout has no key for; the guest may drop them or make others of them. */
  missing: string[];
}

const SPECIAL: Record<string, number> = { '\n': 0xff0d, '\t': 0xff09 };

/** The X keysym of a character: Latin 1 is itself, everything else by its Unicode number. */
function keysymOf(character: string): number {
  const number = character.codePointAt(0) ?? 0;
  return SPECIAL[character] ?? (number <= 0xff ? number : 0x01000000 | number);
}

/** The keys that type a text on a guest set to that layout. */
export function planTyping(text: string, layout: Layout): Typing {
  const strokes: Stroke[] = [];
  const missing = new Set<string>();
  for (const character of text.replace(/\r\n?/g, '\n')) {
    const place = layout.places.get(character);
    strokes.push({ keysym: keysymOf(character), code: place?.code ?? null, shift: place?.shift ?? false, altgr: place?.altgr ?? false });
    if (!place) missing.add(character);
    if (place?.dead) strokes.push({ keysym: 0x20, code: 'Space', shift: false, altgr: false });
  }
  return { strokes, missing: [...missing] };
}

export type SendKey = (keysym: number, code: string | null, down: boolean) => void;

const SHIFT = [0xffe1, 'ShiftLeft'] as const;
const ALTGR = [0xfe03, 'AltRight'] as const;

/** Presses and releases one key with what has to be held. */
export function press(stroke: Stroke, send: SendKey): void {
  if (stroke.shift) send(...SHIFT, true);
  if (stroke.altgr) send(...ALTGR, true);
  send(stroke.keysym, stroke.code, true);
  send(stroke.keysym, stroke.code, false);
  if (stroke.altgr) send(...ALTGR, false);
  if (stroke.shift) send(...SHIFT, false);
}

interface TypeOptions {
  perSecond: number;
  signal: AbortSignal;
  onProgress: (done: number) => void;
}

/** Types at an even speed until done or aborted; guests drop keys that come faster than they read them. */
export async function typeStrokes(strokes: Stroke[], send: SendKey, { perSecond, signal, onProgress }: TypeOptions): Promise<void> {
  for (const [index, stroke] of strokes.entries()) {
    if (signal.aborted) return;
    press(stroke, send);
    onProgress(index + 1);
    await pause(1000 / perSecond, signal);
  }
}

/** Resolves after that time, or at once when aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
