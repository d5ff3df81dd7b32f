/** CodeMirror as this page needs it. Loaded on demand: the only module that imports it. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { xml } from '@codemirror/lang-xml';
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { LineError } from './errors';

export interface Editor {
  setText: (text: string) => void;
  setErrors: (errors: LineError[]) => void;
  setDark: (dark: boolean) => void;
  destroy: () => void;
}

interface Options {
  text: string;
  label: string;
  readOnly: boolean;
  dark: boolean;
  onChange: (text: string) => void;
}

const colours = HighlightStyle.define([
  { tag: tags.tagName, color: 'var(--qd-xml-tag)' },
  { tag: tags.attributeName, color: 'var(--qd-xml-attribute)' },
  { tag: tags.attributeValue, color: 'var(--qd-xml-value)' },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: 'var(--qd-xml-comment)', fontStyle: 'italic' },
  { tag: tags.angleBracket, color: 'var(--qd-xml-bracket)' },
]);

const look = (dark: boolean): Extension =>
  EditorView.theme(
    {
      '&': { color: 'inherit', backgroundColor: 'transparent', fontSize: '0.875rem', maxBlockSize: 'var(--qd-xml-height)' },
      '.cm-content, .cm-gutter': { minBlockSize: 'var(--qd-xml-least-height, 0)' },
      '&.cm-focused': { outline: '2px solid var(--qd-xml-focus)' },
      '.cm-scroller': { overflow: 'auto', fontFamily: 'var(--qd-xml-font)', lineHeight: '1.5' },
      '.cm-content': { caretColor: 'currentColor' },
      '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--qd-xml-comment)', border: 'none' },
      '.cm-activeLine': { backgroundColor: 'var(--qd-xml-line)' },
      '.cm-activeLineGutter': { backgroundColor: 'transparent' },
    },
    { dark },
  );

/**
 * Makes an editor inside `host`. It lives in a shadow root: there CodeMirror adopts its stylesheets, which the page's
 * Content-Security-Policy allows; in the document it would add style elements, which the policy forbids.
 */
export function makeEditor(host: HTMLElement, options: Options): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const theme = new Compartment();
  const state = EditorState.create({
    doc: options.text,
    extensions: [
      lineNumbers(),
      foldGutter(),
      drawSelection(),
      bracketMatching(),
      highlightSelectionMatches(),
      xml(),
      syntaxHighlighting(colours),
      theme.of(look(options.dark)),
      keymap.of([...defaultKeymap, ...searchKeymap, ...foldKeymap, ...historyKeymap, ...lintKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': options.label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
      options.readOnly ? [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-readonly': 'true' })] : writing(options),
    ],
  });
  const view = new EditorView({ state, parent: root, root });
  return {
    setText: (text) => {
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    setErrors: (errors) => showErrors(view, errors),
    setDark: (dark) => view.dispatch({ effects: theme.reconfigure(look(dark)) }),
    destroy: () => view.destroy(),
  };
}

function writing({ onChange }: Options): Extension {
  const tell = EditorView.updateListener.of((update) => {
    if (update.docChanged) onChange(update.state.doc.toString());
  });
  return [history(), indentOnInput(), highlightActiveLine(), lintGutter(), tell];
}

function showErrors(view: EditorView, errors: LineError[]): void {
  const { doc } = view.state;
  const marks = errors.map(({ line, text }): Diagnostic => {
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    return { from: at.from + at.text.length - at.text.trimStart().length, to: at.to, severity: 'error', message: text };
  });
  view.dispatch(setDiagnostics(view.state, marks));
  const [first] = marks;
  if (first) view.dispatch({ selection: { anchor: first.from }, effects: EditorView.scrollIntoView(first.from, { y: 'center' }) });
}
