import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { problemOf } from '../api/client';
import { keys } from '../api/queries';
import { lastContact, touchSession, useSession } from '../api/session';
import { toast } from '../components/Toasts';
import { t } from '../util/i18n';
import { formatDuration } from '../util/time';

/** Somebody who types or clicks is not idle, even if the page has nothing to ask the server just then. */
const TOUCH_EVERY_MS = 60_000;
const WARN_SECONDS = 120;

/** Keeps the session of somebody who works, and warns somebody who does not before it ends. */
export function SessionWatch() {
  const session = useSession().data;
  const client = useQueryClient();
  const [left, setLeft] = useState<number | null>(null);
  const idle = session?.idle_seconds ?? 0;

  useEffect(() => {
    if (!idle) return;
    const touch = () => {
      if (Date.now() - lastContact.at > TOUCH_EVERY_MS) touchSession(client).catch(() => undefined);
    };
    const tick = () => {
      const seconds = idle - (Date.now() - lastContact.at) / 1000;
      setLeft(seconds < WARN_SECONDS ? Math.max(0, Math.round(seconds)) : null);
      // Ask once it is over, so that the login shows instead of a page that looks alive.
      if (seconds <= -2) void client.invalidateQueries({ queryKey: keys.session });
    };
    const timer = setInterval(tick, 1000);
    // Capturing: the console keeps what it gets to itself.
    window.addEventListener('pointerdown', touch, true);
    window.addEventListener('keydown', touch, true);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pointerdown', touch, true);
      window.removeEventListener('keydown', touch, true);
    };
  }, [idle, client]);

  if (left === null || !session) return null;
  const stay = () => {
    touchSession(client).then(
      () => setLeft(null),
      (error: unknown) => toast.problem(t('Stay logged in'), problemOf(error)),
    );
  };
  return (
    <Modal isOpen variant="small" onClose={stay} aria-labelledby="idle-title">
      <ModalHeader title={t('Are you still there?')} labelId="idle-title" />
      <ModalBody>{t('You will be logged out in {{time}}. Machines and jobs go on.', { time: formatDuration(Math.max(left, 1)) })}</ModalBody>
      <ModalFooter>
        <Button onClick={stay} autoFocus>
          {t('Stay logged in')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
