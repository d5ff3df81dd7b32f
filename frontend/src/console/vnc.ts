import type RFB from '@novnc/novnc';
import type { Target } from '../api/actions';
import { consoleAddress, notOpened, openSocket } from './dial';
import { Line, SESSION_ENDED, type Link } from './line';

/** `fit` scales the picture to the view, `one` shows it pixel by pixel, `guest` asks the guest for the view's size. */
export type View = 'fit' | 'one' | 'guest';

export interface VncState {
  /** What the guest copied last, where it has an agent for that. */
  guestClipboard: string;
  /** The machine's graphics ask for a password. */
  asksPassword: boolean;
  passwordWrong: boolean;
}

/** A screen that has not answered by then is asked anew. */
const PATIENCE_MS = 20_000;

const START: VncState = { guestClipboard: '', asksPassword: false, passwordWrong: false };

/** One machine's screen: keeps noVNC connected and tells what the page shows around the picture. */
export class VncSession {
  readonly line: Line;
  private state = START;
  private readonly listeners = new Set<() => void>();
  private rfb: RFB | null = null;
  private place: HTMLElement | null = null;
  private view: View = 'fit';
  private viewOnly = false;
  private password: string | null = null;
  private label = '';

  constructor(private readonly target: Target) {
    this.line = new Line((signal) => this.connect(signal));
  }

  readonly on = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): VncState => this.state;

  /** Where the picture goes. */
  attach(place: HTMLElement, label: string): void {
    this.place = place;
    this.label = label;
  }

  set(view: View, viewOnly: boolean): void {
    this.view = view;
    this.viewOnly = viewOnly;
    this.apply();
  }

  readonly sendKey = (keysym: number, code: string | null, down?: boolean): void => this.rfb?.sendKey(keysym, code, down);

  sendClipboard(text: string): void {
    this.rfb?.clipboardPasteFrom(text);
  }

  focus(): void {
    this.rfb?.focus({ preventScroll: true });
  }

  blur(): void {
    this.rfb?.blur();
  }

  givePassword(password: string): void {
    this.password = password;
    this.tell({ asksPassword: false, passwordWrong: false });
    this.rfb?.sendCredentials({ password });
  }

  /** The picture as a PNG file; null while there is none. */
  picture(): Promise<Blob | null> {
    const { rfb } = this;
    return rfb ? new Promise((resolve) => rfb.toBlob(resolve, 'image/png')) : Promise.resolve(null);
  }

  private async connect(signal: AbortSignal): Promise<Link> {
    const [{ default: Client }, address] = await Promise.all([import('@novnc/novnc'), consoleAddress(this.target, 'vnc', signal)]);
    const { place } = this;
    if (!place || signal.aborted) throw notOpened('The view was closed meanwhile.');
    const socket = openSocket(address);
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', (event) => resolve(event.code)));
    const rfb = new Client(place, socket);
    this.rfb = rfb;
    this.apply();
    this.listen(rfb);
    void closed.then(() => this.gone(rfb));
    const opened = new Promise<void>((resolve) => rfb.addEventListener('connect', () => resolve()));
    const hangUp = () => rfb.disconnect();
    signal.addEventListener('abort', hangUp);
    const patience = setTimeout(() => {
      // Somebody who has to type a password takes as long as it takes.
      if (!this.state.asksPassword) rfb.disconnect();
    }, PATIENCE_MS);
    const early = await Promise.race([opened, closed]);
    clearTimeout(patience);
    signal.removeEventListener('abort', hangUp);
    if (early !== undefined && early !== SESSION_ENDED) throw notOpened('The connection was cut before the picture came.');
    this.apply();
    return { closed, close: hangUp };
  }

  private listen(rfb: RFB): void {
    rfb.addEventListener('clipboard', ({ detail }) => this.tell({ guestClipboard: detail.text }));
    rfb.addEventListener('credentialsrequired', () => {
      if (this.password === null) this.tell({ asksPassword: true });
      else rfb.sendCredentials({ password: this.password });
    });
    rfb.addEventListener('securityfailure', () => {
      this.tell({ passwordWrong: this.password !== null });
      this.password = null;
    });
  }

  private gone(rfb: RFB): void {
    if (this.rfb !== rfb) return;
    this.rfb = null;
    this.tell({ asksPassword: false });
  }

  private apply(): void {
    const { rfb } = this;
    if (!rfb) return;
    const canvas = this.place?.querySelector('canvas');
    canvas?.setAttribute('role', 'img');
    canvas?.setAttribute('aria-label', this.label);
    rfb.background = 'transparent';
    rfb.viewOnly = this.viewOnly;
    rfb.scaleViewport = this.view !== 'one';
    rfb.resizeSession = this.view === 'guest' && !this.viewOnly;
  }

  private tell(change: Partial<VncState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
