/** How a character is typed: the physical key, what is held with it, and whether a space has to follow a dead key. */
interface Place {
  code: string;
  shift: boolean;
  altgr: boolean;
  dead: boolean;
}

export interface Layout {
  id: string;
  name: string;
  places: ReadonlyMap<string, Place>;
}

/** The keys of an ISO keyboard row by row; layouts below give their characters in this order, a space for none. */
const KEYS = [
  ...['Backquote', ...'1234567890'.split('').map((digit) => `Digit${digit}`), 'Minus', 'Equal'],
  ...[...'QWERTYUIOP'.split('').map(key), 'BracketLeft', 'BracketRight'],
  ...[...'ASDFGHJKL'.split('').map(key), 'Semicolon', 'Quote', 'Backslash'],
  ...['IntlBackslash', ...'ZXCVBNM'.split('').map(key), 'Comma', 'Period', 'Slash'],
];

function key(letter: string): string {
  return `Key${letter}`;
}

interface Rows {
  plain: string;
  shift: string;
  altgr?: Record<string, string>;
  /** Character to the dead key that makes it when a space follows, with `+` before it for shift. */
  dead?: Record<string, string>;
}

function layout(id: string, name: string, { plain, shift, altgr = {}, dead = {} }: Rows): Layout {
  const places = new Map<string, Place>();
  const put = (character: string, code: string, more: Partial<Place> = {}) => {
    if (character !== ' ' && !places.has(character)) places.set(character, { code, shift: false, altgr: false, dead: false, ...more });
  };
  [...plain].forEach((character, index) => put(character, KEYS[index] ?? ''));
  [...shift].forEach((character, index) => put(character, KEYS[index] ?? '', { shift: true }));
  for (const [character, code] of Object.entries(altgr)) put(character, code, { altgr: true });
  for (const [character, code] of Object.entries(dead)) {
    put(character, code.replace('+', ''), { shift: code.startsWith('+'), dead: true });
  }
  const still = { shift: false, altgr: false, dead: false };
  places.set(' ', { code: 'Space', ...still });
  places.set('\n', { code: 'Enter', ...still });
  places.set('\t', { code: 'Tab', ...still });
  return { id, name, places };
}

/** The layouts that a guest may be set to. The first is what most guests and every boot menu use. */
export const LAYOUTS: readonly Layout[] = [
  layout('us', 'English (US)', {
    plain: '`1234567890-=qwertyuiop[]asdfghjkl;\'\\ zxcvbnm,./',
    shift: '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"| ZXCVBNM<>?',
  }),
  layout('gb', 'English (UK)', {
    plain: '`1234567890-=qwertyuiop[]asdfghjkl;\'#\\zxcvbnm,./',
    shift: '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
    altgr: { '€': 'Digit4' },
  }),
  layout('de', 'Deutsch', {
    plain: ' 1234567890ß qwertzuiopü+asdfghjklöä#<yxcvbnm,.-',
    shift: '°!"§$%&/()=? QWERTZUIOPÜ*ASDFGHJKLÖÄ\'>YXCVBNM;:_',
    altgr: {
      '²': 'Digit2', '³': 'Digit3', '{': 'Digit7', '[': 'Digit8', ']': 'Digit9', '}': 'Digit0', '\\': 'Minus',
      '@': 'KeyQ', '€': 'KeyE', '~': 'BracketRight', '|': 'IntlBackslash', 'µ': 'KeyM',
    },
    dead: { '^': 'Backquote', '´': 'Equal', '`': '+Equal' },
  }),
  layout('fr', 'Français', {
    plain: '²&é"\'(-è_çà)=azertyuiop $qsdfghjklmù*<wxcvbn,;:!',
    shift: ' 1234567890°+AZERTYUIOP £QSDFGHJKLM%µ>WXCVBN?./§',
    altgr: {
      '~': 'Digit2', '#': 'Digit3', '{': 'Digit4', '[': 'Digit5', '|': 'Digit6', '`': 'Digit7', '\\': 'Digit8', '^': 'Digit9',
      '@': 'Digit0', ']': 'Minus', '}': 'Equal', '€': 'KeyE',
    },
    dead: { '¨': '+BracketLeft' },
  }),
];
