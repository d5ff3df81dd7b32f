import { Button, Popover, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import KeyboardIcon from '@patternfly/react-icons/dist/esm/icons/keyboard-icon';
import { useState } from 'react';
import { t } from '../util/i18n';
import type { SendKey } from './typing';

type Key = readonly [keysym: number, code: string];

const CTRL: Key = [0xffe3, 'ControlLeft'];
const ALT: Key = [0xffe9, 'AltLeft'];
const SHIFT: Key = [0xffe1, 'ShiftLeft'];
const SUPER: Key = [0xffeb, 'MetaLeft'];
const ALTGR: Key = [0xfe03, 'AltRight'];

const HOLD: { name: string; key: Key }[] = [
  { name: 'Ctrl', key: CTRL },
  { name: 'Alt', key: ALT },
  { name: 'Shift', key: SHIFT },
  { name: 'Super', key: SUPER },
  { name: 'AltGr', key: ALTGR },
];

const COMBINATIONS: { name: string; keys: Key[] }[] = [
  { name: 'Ctrl+Alt+Del', keys: [CTRL, ALT, [0xffff, 'Delete']] },
  { name: 'Ctrl+Alt+Backspace', keys: [CTRL, ALT, [0xff08, 'Backspace']] },
  { name: 'Alt+Tab', keys: [ALT, [0xff09, 'Tab']] },
  { name: 'Alt+F4', keys: [ALT, [0xffc1, 'F4']] },
  { name: 'Print', keys: [[0xff61, 'PrintScreen']] },
  { name: 'Super', keys: [SUPER] },
  { name: 'Menu', keys: [[0xff67, 'ContextMenu']] },
  { name: 'Esc', keys: [[0xff1b, 'Escape']] },
  { name: 'Tab', keys: [[0xff09, 'Tab']] },
];

const F_KEYS = Array.from({ length: 12 }, (_, index) => ({ name: `F${index + 1}`, key: [0xffbe + index, `F${index + 1}`] as Key }));

/** Keys that the browser or the system would take for itself, and modifiers that stay down while one types. */
export function KeysMenu({ send, reason, onDone }: { send: SendKey; reason: string | null; onDone: () => void }) {
  const [held, setHeld] = useState<string[]>([]);
  const chord = (keys: Key[]) => {
    for (const key of keys) send(...key, true);
    for (const key of [...keys].reverse()) send(...key, false);
  };
  const hold = (name: string, key: Key, down: boolean) => {
    send(...key, down);
    setHeld((old) => (down ? [...old, name] : old.filter((known) => known !== name)));
  };
  const body = (hide: () => void) => (
    <div className="qd-key-groups">
      <h3>{t('Press')}</h3>
      <div className="qd-keys-row">
        {COMBINATIONS.map(({ name, keys }) => (
          <Button key={name} variant="secondary" size="sm" onClick={() => (chord(keys), hide(), onDone())}>
            {name}
          </Button>
        ))}
      </div>
      <h3>{t('Ctrl+Alt and')}</h3>
      <div className="qd-keys-row">
        {F_KEYS.map(({ name, key }) => (
          <Button key={name} variant="secondary" size="sm" aria-label={`Ctrl+Alt+${name}`} onClick={() => (chord([CTRL, ALT, key]), hide(), onDone())}>
            {name}
          </Button>
        ))}
      </div>
      <h3>{t('Hold down until pressed again')}</h3>
      <ToggleGroup aria-label={t('Hold down until pressed again')} isCompact>
        {HOLD.map(({ name, key }) => (
          <ToggleGroupItem key={name} text={name} buttonId={`hold-${name}`} isSelected={held.includes(name)} onChange={(_, down) => hold(name, key, down)} />
        ))}
      </ToggleGroup>
    </div>
  );
  const text = held.length > 0 ? t('Keys: {{held}} held', { held: held.join('+') }) : t('Keys');
  return (
    <Popover aria-label={t('Send keys')} headerContent={t('Send keys')} bodyContent={body} position="bottom-start" minWidth="19rem" maxWidth="24rem" showClose>
      <Button variant={held.length > 0 ? 'primary' : 'plain'} size="sm" icon={<KeyboardIcon />} isAriaDisabled={reason !== null} aria-label={reason ? `${text}: ${reason}` : text}>
        <span className="qd-console-word">{text}</span>
      </Button>
    </Popover>
  );
}
