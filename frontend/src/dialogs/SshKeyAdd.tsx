import { Form } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, call, problemOf } from '../api/client';
import { SSH_KEYS, sshKeys, type SshKey } from '../api/sshKeys';
import type { FieldError } from '../api/types';
import { TextArea, TextInput } from '../components/inputs';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { toast } from '../components/Toasts';
import { PointedField } from '../pages/create/PointedField';
import { t } from '../util/i18n';

interface Props {
  onClose: () => void;
  onDone?: (key: SshKey) => void;
}

/** A public key into one's library. */
export function SshKeyAdd({ onClose, onDone }: Props) {
  const cache = useQueryClient();
  const [key, setKey] = useState('');
  const [name, setName] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const add = async () => {
    try {
      const made = await call<SshKey>('POST', SSH_KEYS, { body: { key, name: name || null } });
      await cache.invalidateQueries(sshKeys());
      toast.success(t('The key {{name}} is kept', { name: made.name }));
      onDone?.(made);
    } catch (error) {
      if (error instanceof ApiError) setErrors(error.problem.errors ?? []);
      throw error;
    }
  };
  return (
    <ConfirmDialog title={t('Add an SSH key')} verb={t('Add')} variant="medium" blocked={key.trim() === '' ? t('Paste the key.') : null} onConfirm={add} toProblem={problemOf} onClose={onClose}>
      <Form onSubmit={(event) => event.preventDefault()}>
        <PointedField id="ssh-key" label={t('Public key')} pointers={['/key']} errors={errors} help={t('The line of the .pub file. The private part stays with you.')} isRequired>
          <TextArea id="ssh-key" className="qd-code" rows={4} value={key} placeholder="ssh-ed25519 AAAA… name" spellCheck={false} onChange={(_, value) => setKey(value)} />
        </PointedField>
        <PointedField id="ssh-key-name" label={t('Name')} pointers={['/name']} errors={errors} help={t('Left empty: what stands behind the key.')}>
          <TextInput id="ssh-key-name" value={name} autoComplete="off" onChange={(_, value) => setName(value)} />
        </PointedField>
      </Form>
    </ConfirmDialog>
  );
}
