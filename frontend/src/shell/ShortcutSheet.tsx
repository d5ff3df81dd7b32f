import { Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import { Fragment } from 'react';
import { t } from '../util/i18n';
import type { Shortcut } from './keysContext';

const KEY_NAMES: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ' ': 'Space' };

/** What each key does on the page that is open. */
export default function ShortcutSheet({ shortcuts, onClose }: { shortcuts: Shortcut[]; onClose: () => void }) {
  const everywhere = t('Everywhere');
  const all = [
    { key: 'Ctrl K', text: t('Search and act'), group: everywhere },
    { key: '?', text: t('This sheet'), group: everywhere },
    ...shortcuts,
  ];
  const groups = [...new Set(all.map((shortcut) => shortcut.group))];
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="shortcuts-title">
      <ModalHeader title={t('Keyboard shortcuts')} labelId="shortcuts-title" />
      <ModalBody tabIndex={0} aria-label={t('Keyboard shortcuts')}>
        {groups.map((group) => (
          <Fragment key={group}>
            <h2 className="qd-sheet-group">{group}</h2>
            <dl className="qd-sheet">
              {all.filter((shortcut) => shortcut.group === group).map(({ key, text }) => (
                <div key={key}>
                  <dt>
                    <kbd>{KEY_NAMES[key] ?? key}</kbd>
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </Fragment>
        ))}
      </ModalBody>
    </Modal>
  );
}
