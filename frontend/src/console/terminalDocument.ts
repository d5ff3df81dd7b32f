import type { Terminal } from '@xterm/xterm';

/**
 * xterm.js writes its colours and sizes into <style> elements and style attributes, which a page whose policy says
 * `style-src 'self'` does not obey. This document gives it elements that put the same text where the policy allows it:
 * constructed style sheets and the style object.
 */
export interface TerminalDocument {
  document: Document;
  /** Opens the terminal: two of its parts ask the page's own document, whatever document it was given. */
  open: (terminal: Terminal, place: HTMLElement) => void;
  /** Takes its style sheets out of the page again. */
  dispose: () => void;
}

type Insides = Terminal & { _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: { _document: Document } } } } } };

export function terminalDocument(page: Document): TerminalDocument {
  const sheets: CSSStyleSheet[] = [];
  const make = (name: string): HTMLElement => Document.prototype.createElement.call(page, name);
  const makeStyle = (): HTMLElement => {
    const sheet = new CSSStyleSheet();
    sheets.push(sheet);
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
    const element = make('span');
    element.hidden = true;
    Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text) });
    return element;
  };
  const makeSpan = (): HTMLElement => {
    const element = make('span');
    const set = element.setAttribute.bind(element);
    element.setAttribute = (name: string, value: string) => {
      if (name === 'style') element.style.cssText = value;
      else set(name, value);
    };
    return element;
  };
  const create = (name: string): HTMLElement => (name === 'style' ? makeStyle() : name === 'span' ? makeSpan() : make(name));
  const document = new Proxy(page, {
    get(target, property) {
      if (property === 'createElement') return create;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
  const open = (terminal: Terminal, place: HTMLElement) => {
    Object.defineProperty(page, 'createElement', { value: create, configurable: true });
    try {
      terminal.open(place);
    } finally {
      Reflect.deleteProperty(page, 'createElement');
    }
    // What draws the rows has no setting for its document. Should this name change, only true colours are lost.
    const rows = (terminal as Insides)._core?._renderService?._renderer?.value?._rowFactory;
    if (rows) rows._document = document;
  };
  const dispose = () => {
    page.adoptedStyleSheets = page.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
  };
  return { document, open, dispose };
}
