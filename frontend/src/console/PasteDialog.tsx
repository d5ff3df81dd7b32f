import { ActionGroup, Alert, Button, Checkbox, ClipboardCopy, Content, Form, FormGroup, FormSelectOption, ModalBody, ModalHeader, Progress } from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';
import { FormSelect, TextArea } from '../components/inputs';
import { Dialog } from '../components/Dialog';
import { t } from '../util/i18n';
import { useStored } from '../util/useStored';
import { LAYOUTS } from './layouts';
import { planTyping, typeStrokes, type SendKey } from './typing';

interface Props {
  send: SendKey;
  /** Gives a text to the clipboard of the guest. */
  give: (text: string) => void;
  /** What the guest copied last. */
  guestText: string;
  onClose: () => void;
}

const SPEEDS = [
  { perSecond: 8, name: () => t('Slow, 8 keys a second') },
  { perSecond: 30, name: () => t('Normal, 30 keys a second') },
  { perSecond: 100, name: () => t('Fast, 100 keys a second') },
];

/** Text into the guest: typed as keystrokes, which works everywhere, or by its clipboard, which needs an agent there. */
export function PasteDialog({ send, give, guestText, onClose }: Props) {
  const [text, setText] = useState('');
  const [layoutId, setLayoutId] = useStored('console-layout', 'us');
  const [perSecond, setPerSecond] = useStored('console-speed', 30);
  const [enter, setEnter] = useState(false);
  const [done, setDone] = useState<number | null>(null);
  const [given, setGiven] = useState(false);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const layout = LAYOUTS.find((known) => known.id === layoutId) ?? LAYOUTS[0];
  if (!layout) return null;
  const { strokes, missing } = planTyping(enter ? `${text}\n` : text, layout);
  const typing = done !== null && done < strokes.length;
  const type = async () => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setDone(0);
    await typeStrokes(strokes, send, { perSecond, signal, onProgress: setDone });
    if (!signal.aborted) onClose();
    setDone(null);
  };
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="paste-title">
      <ModalHeader title={t('Type or paste a text')} labelId="paste-title" description={t('Typing works in every guest, also before it has started and at a login. The text is not kept.')} />
      <ModalBody>
        <Form onSubmit={(event) => event.preventDefault()}>
          <FormGroup label={t('Text')} fieldId="paste-text">
            <TextArea id="paste-text" value={text} onChange={(_, value) => setText(value)} rows={6} resizeOrientation="vertical" spellCheck={false} autoFocus readOnly={typing} className="qd-code" />
          </FormGroup>
          <div className="qd-form-pair">
            <FormGroup label={t('Keyboard layout of the guest')} fieldId="paste-layout">
              <FormSelect id="paste-layout" value={layout.id} onChange={(_, value) => setLayoutId(value)} isDisabled={typing}>
                {LAYOUTS.map(({ id, name }) => (
                  <FormSelectOption key={id} value={id} label={name} />
                ))}
              </FormSelect>
            </FormGroup>
            <FormGroup label={t('Speed')} fieldId="paste-speed">
              <FormSelect id="paste-speed" value={perSecond} onChange={(_, value) => setPerSecond(Number(value))} isDisabled={typing}>
                {SPEEDS.map((speed) => (
                  <FormSelectOption key={speed.perSecond} value={speed.perSecond} label={speed.name()} />
                ))}
              </FormSelect>
            </FormGroup>
          </div>
          <Checkbox id="paste-enter" label={t('Press Enter at the end')} isChecked={enter} onChange={(_, on) => setEnter(on)} isDisabled={typing} />
          {missing.length > 0 ? (
            <Alert variant="warning" isInline title={t('This layout has no key for: {{characters}}', { characters: missing.slice(0, 20).join(' ') })}>
              {t('The guest may leave them out or make others of them. Use its clipboard, or a serial console, for such a text.')}
            </Alert>
          ) : null}
          {typing ? <Progress value={(100 * done) / strokes.length} title={t('Typing')} aria-label={t('Typing')} /> : null}
          <ActionGroup>
            {typing ? (
              <Button variant="danger" onClick={() => stop.current?.abort()}>
                {t('Stop')}
              </Button>
            ) : (
              <Button onClick={() => void type()} isDisabled={strokes.length === 0}>
                {t('Type it')}
              </Button>
            )}
            <Button variant="secondary" isDisabled={text === '' || typing} onClick={() => (give(text), setGiven(true))}>
              {t("Put it into the guest's clipboard")}
            </Button>
          </ActionGroup>
          {given ? <Content component="p" role="status">{t('Given. The guest takes it if an agent for the clipboard runs there.')}</Content> : null}
          {guestText ? (
            <FormGroup label={t("The guest's clipboard")}>
              <ClipboardCopy isReadOnly isExpanded variant="expansion" textAriaLabel={t("The guest's clipboard")}>
                {guestText}
              </ClipboardCopy>
            </FormGroup>
          ) : null}
        </Form>
      </ModalBody>
    </Dialog>
  );
}
