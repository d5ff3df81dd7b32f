import type { Terminal } from '@xterm/xterm';
import type { Target } from '../api/actions';
import { consoleAddress, notOpened, openSocket } from './dial';
import { Line, SESSION_ENDED, type Link } from './line';

/** One machine's serial console: joins the terminal to the connection and keeps that up. */
export class SerialSession {
  readonly line: Line;
  private socket: WebSocket | null = null;
  private terminal: Terminal | null = null;
  private readonly encoder = new TextEncoder();

  constructor(
    private readonly target: Target,
    /** What is typed is dropped: for viewers. */
    readonly viewOnly: boolean,
  ) {
    this.line = new Line((signal) => this.connect(signal));
  }

  /** Joins a terminal until the function that it returns is called. */
  attach(terminal: Terminal): () => void {
    this.terminal = terminal;
    const typed = terminal.onData((text) => this.send(this.encoder.encode(text)));
    const binary = terminal.onBinary((text) => this.send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    return () => {
      typed.dispose();
      binary.dispose();
      this.terminal = null;
    };
  }

  private send(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.viewOnly && this.socket?.readyState === WebSocket.OPEN) this.socket.send(bytes);
  }

  private async connect(signal: AbortSignal): Promise<Link> {
    const socket = openSocket(await consoleAddress(this.target, 'serial', signal));
    const close = () => socket.close();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
    socket.addEventListener('message', (event: MessageEvent<ArrayBuffer>) => this.terminal?.write(new Uint8Array(event.data)));
    const opened = new Promise<void>((resolve) => socket.addEventListener('open', () => resolve()));
    const early = await Promise.race([opened, closed]);
    signal.removeEventListener('abort', close);
    if (early !== undefined && early !== SESSION_ENDED) throw notOpened('The connection was cut before it stood.');
    this.socket = socket;
    return { closed, close };
  }
}
