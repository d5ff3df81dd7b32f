import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import type { Problem } from '../../api/types';
import { CancelButton } from '../../components/CancelButton';
import { Dialog } from '../../components/Dialog';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';

/** A dialog while what it needs is read, or could not be read. */
export function Unready({ title, problem, text, onRetry, onClose }: { title: string; problem: Problem | null; text?: string | undefined; onRetry: () => void; onClose: () => void }) {
  return (
    <Dialog variant="medium" position="top" onClose={onClose} aria-labelledby="unready-title">
      <ModalHeader title={title} labelId="unready-title" />
      <ModalBody>{problem ? <ProblemAlert problem={problem} /> : text ? <p>{text}</p> : <LoadingPage />}</ModalBody>
      <ModalFooter>
        {problem ? <Button onClick={onRetry}>{t('Try again')}</Button> : null}
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
