import { Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type FormEvent } from 'react';
import { call, DOMAIN, exchange } from '../api/client';
import { fieldError } from '../api/problem';
import type { Domain } from '../api/types';
import { useAttempt } from '../api/useAttempt';
import { CancelButton } from '../components/CancelButton';
import { TextInput } from '../components/inputs';
import { Field } from '../components/Field';
import { Dialog } from '../components/Dialog';
import { ReasonButton } from '../components/DisabledReason';
import { ProblemAlert } from '../components/ProblemAlert';
import { toast } from '../components/Toasts';
import { useUndo } from '../pages/machine/undo';
import { t } from '../util/i18n';
import type { ActDialogProps } from '.';
import { PlanButton } from './PlanButton';

export default function DomainRename({ domain, onClose }: ActDialogProps) {
  const [name, setName] = useState(domain.name);
  const { attempt, busy, problem } = useAttempt();
  const wrong = fieldError(problem, '/name');
  const undo = useUndo();
  const reason = name.trim() === '' ? t('Give it a name.') : name === domain.name ? t('It has that name already.') : null;
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    if (reason !== null || busy) return;
    await attempt(async () => {
      const path = { host: domain.host, uuid: domain.uuid };
      const { etag } = await call<Domain>('GET', DOMAIN, { path });
      const { data } = await exchange('PATCH', DOMAIN, { path, ifMatch: etag, body: { name } });
      toast.success(t('{{old}} is now {{name}}', { old: domain.name, name }), undefined, undo(data));
      onClose();
    });
  };
  return (
    <Dialog variant="small" onClose={onClose} aria-labelledby="rename-title">
      <ModalHeader title={t('Rename {{name}}', { name: domain.name })} labelId="rename-title" description={t('Its UUID, disks and addresses stay.')} />
      <ModalBody>
        <Form id="rename-form" noValidate onSubmit={(event) => void rename(event)}>
          {problem && !wrong ? <ProblemAlert problem={problem} /> : null}
          <Field id="rename-name" label={t('New name')} isRequired error={wrong}>
            <TextInput id="rename-name" value={name} onChange={(_, value) => setName(value)} isRequired autoFocus />
          </Field>
        </Form>
      </ModalBody>
      <ModalFooter>
        <ReasonButton type="submit" form="rename-form" reason={reason} isDisabled={busy} isLoading={busy}>
          {t('Rename')}
        </ReasonButton>
        <PlanButton
          title={t('Rename {{name}}', { name: domain.name })}
          method="PATCH"
          template={DOMAIN}
          path={{ host: domain.host, uuid: domain.uuid }}
          body={{ name }}
          ifMatch="*"
          isDisabled={reason !== null}
        />
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
