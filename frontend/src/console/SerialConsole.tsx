import { Button, Tooltip } from '@patternfly/react-core';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import ClearIcon from '@patternfly/react-icons/dist/esm/icons/eraser-icon';
import PasteIcon from '@patternfly/react-icons/dist/esm/icons/paste-icon';
import type { Terminal } from '@xterm/xterm';
import { useState } from 'react';
import { useCan } from '../api/session';
import { ReasonButton } from '../components/DisabledReason';
import { toast } from '../components/Toasts';
import { t } from '../util/i18n';
import { ConsoleCover } from './ConsoleCover';
import { ConsoleFrame } from './ConsoleFrame';
import { MoreMenu } from './MoreMenu';
import { PowerMenu } from './PowerMenu';
import { SerialSession } from './serial';
import { SerialTerminal } from './SerialTerminal';
import { useLine } from './useLine';
import type { ConsoleProps } from './VncConsole';

/** The serial console with its tools. Give it a key per machine. */
export function SerialConsole({ domain, alone, bare, choice }: ConsoleProps) {
  const mayUse = useCan('console:use');
  const [session] = useState(() => new SerialSession(domain, !mayUse));
  const [terminal, setTerminal] = useState<Terminal | null>(null);
  const line = useLine(session.line, domain, terminal !== null);
  const forced = mayUse ? null : t('Your role may look at consoles, not use them.');
  return (
    <ConsoleFrame
      bare={bare}
      tools={
        <>
          {choice}
          <Tooltip content={t('Copy what is selected, or everything')}>
            <Button variant="plain" size="sm" icon={<CopyIcon />} aria-label={t('Copy')} onClick={() => void copy(terminal)} />
          </Tooltip>
          <ReasonButton reason={forced} variant="plain" size="sm" icon={<PasteIcon />} aria-label={t('Paste')} onClick={() => void paste(terminal)} />
          <Tooltip content={t('Clear the window; the machine does not notice')}>
            <Button variant="plain" size="sm" icon={<ClearIcon />} aria-label={t('Clear')} onClick={() => terminal?.clear()} />
          </Tooltip>
        </>
      }
      menus={
        <>
          <PowerMenu domain={domain} />
          <MoreMenu domain={domain} type="serial" alone={alone} />
        </>
      }
    >
      <SerialTerminal session={session} name={domain.name} onTerminal={setTerminal} />
      <ConsoleCover domain={domain} line={session.line} state={line} />
    </ConsoleFrame>
  );
}

async function copy(terminal: Terminal | null): Promise<void> {
  if (!terminal) return;
  const selected = terminal.getSelection();
  if (!selected) terminal.selectAll();
  await navigator.clipboard.writeText(selected || terminal.getSelection().trimEnd());
  if (!selected) terminal.clearSelection();
  toast.success(t('Copied'));
  terminal.focus();
}

async function paste(terminal: Terminal | null): Promise<void> {
  try {
    terminal?.paste(await navigator.clipboard.readText());
  } catch {
    toast.info(t('The browser does not let the page read the clipboard. Press Ctrl+Shift+V in the terminal.'));
  }
  terminal?.focus();
}
