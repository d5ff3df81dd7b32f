import '@xterm/xterm/css/xterm.css';
import type { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'react';
import { t } from '../util/i18n';
import type { SerialSession } from './serial';
import { terminalDocument } from './terminalDocument';

interface Props {
  session: SerialSession;
  name: string;
  /** Hands the terminal over for copy and clear; null when it is gone. */
  onTerminal: (terminal: Terminal | null) => void;
}

/** The terminal of a serial console; xterm is loaded when first needed. */
export function SerialTerminal({ session, name, onTerminal }: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    let dispose: () => void = () => undefined;
    void Promise.all([import('@xterm/xterm'), import('@xterm/addon-fit')]).then(([{ Terminal }, { FitAddon }]) => {
      if (gone || !place.current) return;
      const styles = terminalDocument(document);
      const terminal = new Terminal({
        documentOverride: styles.document,
        scrollback: 5000,
        fontFamily: 'ui-monospace, "Red Hat Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
        fontSize: 14,
        cursorBlink: true,
        screenReaderMode: true,
        disableStdin: session.viewOnly,
        theme: { background: '#151515', foreground: '#e0e0e0' },
      });
      const fit = new FitAddon();
      terminal.loadAddon(fit);
      styles.open(terminal, place.current);
      terminal.attachCustomKeyEventHandler((event) => !copies(event, terminal));
      fit.fit();
      const watch = new ResizeObserver(() => fit.fit());
      watch.observe(place.current);
      const detach = session.attach(terminal);
      onTerminal(terminal);
      dispose = () => {
        onTerminal(null);
        detach();
        watch.disconnect();
        terminal.dispose();
        styles.dispose();
      };
    });
    return () => {
      gone = true;
      dispose();
    };
  }, [session, onTerminal]);
  return <div ref={place} className="qd-console-screen qd-console-serial" role="region" aria-label={t('Serial console of {{name}}', { name })} />;
}

/** Ctrl+Shift+C copies what is selected, as terminals do; Ctrl+Shift+V is the browser's own. */
function copies(event: KeyboardEvent, terminal: Terminal): boolean {
  if (!event.ctrlKey || !event.shiftKey || event.code !== 'KeyC' || !terminal.hasSelection()) return false;
  if (event.type === 'keydown') void navigator.clipboard.writeText(terminal.getSelection());
  event.preventDefault();
  return true;
}
