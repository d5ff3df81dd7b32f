import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useEffect, type ReactNode } from 'react';
import { useBlocker } from 'react-router';
import { Dialog } from '../../components/Dialog';
import { t } from '../../util/i18n';

/** Asks before another page takes the place of input that is not saved; the element it returns is the question. */
export function useLeaveGuard(unsaved: boolean): ReactNode {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => unsaved && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [unsaved]);
  if (blocker.state !== 'blocked') return null;
  return (
    <Dialog variant="small" onClose={blocker.reset} aria-labelledby="leave-title">
      <ModalHeader title={t('Leave without saving?')} labelId="leave-title" />
      <ModalBody>{t('What you changed here is lost.')}</ModalBody>
      <ModalFooter>
        <Button variant="danger" onClick={blocker.proceed}>
          {t('Leave')}
        </Button>
        <Button variant="link" onClick={blocker.reset}>
          {t('Stay')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
