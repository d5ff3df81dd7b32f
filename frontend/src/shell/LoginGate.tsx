import { Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { problemOf } from '../api/client';
import { useSession } from '../api/session';
import type { Session } from '../api/types';
import { ErrorPage, LoadingPage } from '../components/Pages';
import { t } from '../util/i18n';
import { LoginForm, LoginScreen } from './Login';

/**
 * Shows the login until there is a session. When a session ends under an open page, the page stays as it is, input
 * included, and the login lies over it.
 */
export function LoginGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const client = useQueryClient();
  const [last, setLast] = useState<Session | null>(null);
  if (session.data && session.data !== last) setLast(session.data);
  if (session.isPending) return <LoadingPage />;
  if (session.error && !last) return <ErrorPage problem={problemOf(session.error)} retry={session.refetch} />;
  if (!session.data && !last) return <LoginScreen />;
  const expired = session.data === null;
  return (
    <>
      {children}
      {expired && last ? (
        <Modal isOpen variant="small" aria-labelledby="session-ended">
          <ModalHeader
            title={t('Your session ended')}
            labelId="session-ended"
            description={t('Log in again to go on where you were. Nothing on this page is lost.')}
          />
          <ModalBody>
            <LoginForm user={last.user} onDone={() => void client.invalidateQueries({ refetchType: 'active' })} />
          </ModalBody>
        </Modal>
      ) : null}
    </>
  );
}
