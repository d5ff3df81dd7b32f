import { useEffect, useRef } from 'react';
import { makeEditor, type Editor } from './codemirror';
import type { LineError } from './errors';

interface Props {
  text: string;
  label: string;
  readOnly?: boolean;
  errors?: LineError[];
  onChange?: (text: string) => void;
}

const isDark = () => document.documentElement.classList.contains('pf-v6-theme-dark');

/** XML with colours, folding and search; editable unless it says otherwise. */
export default function XmlEditor({ text, label, readOnly = false, errors = NO_ERRORS, onChange }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const latest = useRef({ text, onChange });
  const told = useRef<string[]>([]);
  useEffect(() => {
    latest.current = { text, onChange };
  });

  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const made = makeEditor(parent, {
      text: latest.current.text,
      label,
      readOnly,
      dark: isDark(),
      onChange: (next) => {
        told.current.push(next);
        latest.current.onChange?.(next);
      },
    });
    editor.current = made;
    const theme = new MutationObserver(() => made.setDark(isDark()));
    theme.observe(document.documentElement, { attributeFilter: ['class'] });
    // Seen from outside, a key comes from the host element and not from a field: page shortcuts must not take it.
    const keep = (event: KeyboardEvent) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    };
    parent.addEventListener('keydown', keep);
    return () => {
      parent.removeEventListener('keydown', keep);
      theme.disconnect();
      made.destroy();
    };
  }, [label, readOnly]);

  useEffect(() => {
    const at = told.current.indexOf(text);
    // What comes back from the owner is older than what was typed meanwhile.
    if (at >= 0) told.current.splice(0, at + 1);
    else editor.current?.setText(text);
  }, [text]);
  useEffect(() => editor.current?.setErrors(errors), [errors]);

  return <div ref={host} className="qd-xml" />;
}

const NO_ERRORS: LineError[] = [];
