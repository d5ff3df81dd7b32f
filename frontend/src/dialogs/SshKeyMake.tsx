import { Alert, Button, ClipboardCopy, ClipboardCopyVariant } from '@patternfly/react-core';
import { useState } from 'react';
import { SSH_KEYS, sshKeys, type MadeSshKey } from '../api/sshKeys';
import { ReasonButton } from '../components/DisabledReason';
import { TextInput } from '../components/inputs';
import { PointedField } from '../pages/create/PointedField';
import { t } from '../util/i18n';
import { saveBlob } from '../util/saveBlob';
import { MakeDialog } from './MakeDialog';

/** A pair made by the server, which keeps the public part only. */
export function SshKeyMake({ onClose, onDone }: { onClose: () => void; onDone?: (key: MadeSshKey) => void }) {
  const [name, setName] = useState('');
  const [saved, setSaved] = useState(false);
  const save = (key: MadeSshKey) => {
    saveBlob(new Blob([key.private_key], { type: 'application/octet-stream' }), `id_ed25519_${key.name.replace(/[^\w.-]+/g, '-')}`);
    setSaved(true);
  };
  return (
    <MakeDialog<MadeSshKey>
      title={t('Make an SSH key')}
      template={`${SSH_KEYS}/made`}
      body={{ name }}
      reason={name.trim() === '' ? t('Give it a name.') : null}
      list={sshKeys().queryKey}
      onClose={onClose}
      onMade={onDone}
      fields={(errors) => (
        <PointedField id="make-key-name" label={t('Name')} pointers={['/name']} errors={errors} help={t('The server makes a pair (Ed25519), keeps its public part, and hands you the private one.')} isRequired>
          <TextInput id="make-key-name" value={name} autoComplete="off" autoFocus onChange={(_, value) => setName(value)} />
        </PointedField>
      )}
      made={(key) => ({
        title: t('The key {{name}} is made', { name: key.name }),
        text: <KeyText sshKey={key} />,
        acts: (
          <>
            <Button onClick={() => save(key)}>{t('Download the private key')}</Button>
            <ReasonButton reason={saved ? null : t('Download the private key first.')} variant="secondary" onClick={onClose}>
              {t('Close')}
            </ReasonButton>
          </>
        ),
      })}
    />
  );
}

function KeyText({ sshKey }: { sshKey: MadeSshKey }) {
  return (
    <>
      <Alert variant="warning" isInline title={t('Download the private key now: it is kept nowhere and not shown again.')} />
      <p>
        {t('Public part, to be given to machines:')} <span className="qd-path">{sshKey.fingerprint}</span>
      </p>
      <ClipboardCopy isReadOnly isCode variant={ClipboardCopyVariant.expansion} hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Public key')}>
        {sshKey.key}
      </ClipboardCopy>
    </>
  );
}
