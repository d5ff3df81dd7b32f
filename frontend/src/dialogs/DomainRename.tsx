import { Button, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type FormEvent } from 'react';
import { call, DOMAIN, exchange } from '../api/client';
import { fieldError } from '../api/problem';
import type { Domain } from '../api/types';
import { useAttempt } from '../api/useAttempt';
import { CancelButton } from '../components/CancelButton';
import { TextInput } from '../components/inputs';
import { Field } from '../components/Field';
import { Dialog } from '../components/Dialog';
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
  const rename = async (event: FormEvent) => {
    event.preventDefault();
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
        <Form id="rename-form" onSubmit={(event) => void rename(event)}>
          {problem && !wrong ? <ProblemAlert problem={problem} /> : null}
          <Field id="rename-name" label={t('New name')} isRequired error={wrong}>
            <TextInput id="rename-name" value={name} onChange={(_, value) => setName(value)} isRequired autoFocus />
          </Field>
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="rename-form" isDisabled={busy || !name.trim() || name === domain.name} isLoading={busy}>
          {t('Rename')}
        </Button>
        <PlanButton
          title={t('Rename {{name}}', { name: domain.name })}
          method="PATCH"
          template={DOMAIN}
          path={{ host: domain.host, uuid: domain.uuid }}
          body={{ name }}
          ifMatch="*"
          isDisabled={!name.trim() || name === domain.name}
        />
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
