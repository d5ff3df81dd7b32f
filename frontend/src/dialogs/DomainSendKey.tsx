import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState } from 'react';
import { call, DOMAIN, problemOf } from '../api/client';
import type { Problem } from '../api/types';
import { Dialog } from '../components/Dialog';
import { ProblemAlert } from '../components/ProblemAlert';
import { toast } from '../components/Toasts';
import { t } from '../util/i18n';
import type { ActDialogProps } from '.';

const WITH_CTRL_ALT = ['KEY_LEFTCTRL', 'KEY_LEFTALT'];
const F_KEYS = Array.from({ length: 12 }, (_, index) => `F${index + 1}`);

/** Combinations that a browser or the own system would take for itself. */
function combinations(): { label: string; keys: string[] }[] {
  return [
    { label: 'Ctrl+Alt+Del', keys: [...WITH_CTRL_ALT, 'KEY_DELETE'] },
    { label: 'Ctrl+Alt+Backspace', keys: [...WITH_CTRL_ALT, 'KEY_BACKSPACE'] },
    ...F_KEYS.map((key) => ({ label: `Ctrl+Alt+${key}`, keys: [...WITH_CTRL_ALT, `KEY_${key}`] })),
    { label: 'Alt+Tab', keys: ['KEY_LEFTALT', 'KEY_TAB'] },
    { label: 'Alt+F4', keys: ['KEY_LEFTALT', 'KEY_F4'] },
    { label: t('Windows key'), keys: ['KEY_LEFTMETA'] },
    { label: t('Print screen'), keys: ['KEY_SYSRQ'] },
    { label: 'Esc', keys: ['KEY_ESC'] },
    { label: t('Enter'), keys: ['KEY_ENTER'] },
  ];
}

export default function DomainSendKey({ domain, onClose }: ActDialogProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (label: string, keys: string[]) => {
    setProblem(null);
    try {
      await call('POST', `${DOMAIN}/send-key`, { path: { host: domain.host, uuid: domain.uuid }, body: { keys } });
      toast.success(t('{{name}}: {{keys}} sent', { name: domain.name, keys: label }));
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="keys-title">
      <ModalHeader title={t('Send keys to {{name}}', { name: domain.name })} labelId="keys-title" description={t('They reach the guest even when its console is not open.')} />
      <ModalBody tabIndex={0} aria-label={t('Keys')}>
        {problem ? <ProblemAlert problem={problem} /> : null}
        <div className="qd-keys">
          {combinations().map(({ label, keys }) => (
            <Button key={label} variant="secondary" size="sm" onClick={() => void send(label, keys)}>
              {label}
            </Button>
          ))}
        </div>
      </ModalBody>
      <ModalFooter>
        <Button variant="link" onClick={onClose}>
          {t('Close')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
