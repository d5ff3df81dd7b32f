import { Alert, Button, ClipboardCopy, FormSelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import { TOKENS, tokens, type NewToken, type TokenCreate } from '../api/tokens';
import { FormSelect, TextInput } from '../components/inputs';
import { PointedField } from '../pages/create/PointedField';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';
import { MakeDialog } from './MakeDialog';

type Role = NonNullable<TokenCreate['role']>;
const DAYS = [7, 30, 90, 180, 365];

/** A new token of one's own; its text is shown this once. */
export function TokenMake({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState(90);
  const body = { name: name.trim(), role, days };
  return (
    <MakeDialog<NewToken>
      title={t('Make an API token')}
      template={TOKENS}
      body={body}
      reason={body.name === '' ? t('Give it a name.') : null}
      list={tokens().queryKey}
      onClose={onClose}
      fields={(errors) => (
        <>
          <PointedField id="token-name" label={t('Name')} pointers={['/name']} errors={errors} help={t('What it is for, such as the script or the server that has it.')} isRequired>
            <TextInput id="token-name" value={name} autoComplete="off" autoFocus onChange={(_, value) => setName(value)} />
          </PointedField>
          <div className="qd-form-pair">
            <PointedField id="token-role" label={t('May')} pointers={['/role']} errors={errors}>
              <FormSelect id="token-role" value={role} onChange={(_, value) => setRole(value as Role)}>
                <FormSelectOption value="viewer" label={t('Look only')} />
                <FormSelectOption value="administrator" label={t('Do everything that an administrator may')} />
              </FormSelect>
            </PointedField>
            <PointedField id="token-days" label={t('Good for')} pointers={['/days']} errors={errors}>
              <FormSelect id="token-days" value={days} onChange={(_, value) => setDays(Number(value))}>
                {DAYS.map((some) => (
                  <FormSelectOption key={some} value={some} label={t('{{some}} days', { some })} />
                ))}
              </FormSelect>
            </PointedField>
          </div>
        </>
      )}
      made={(token) => ({
        title: t('The token {{name}} is made', { name: token.name }),
        text: <TokenText token={token} />,
        acts: <Button onClick={onClose}>{t('I have it')}</Button>,
      })}
    />
  );
}

function TokenText({ token }: { token: NewToken }) {
  return (
    <>
      <Alert variant="warning" isInline title={t('Copy it now: it is not shown again.')}>
        {t('Who has it may do here what it allows, until {{time}} or until it is revoked.', { time: formatTime(token.expires) })}
      </Alert>
      <ClipboardCopy isReadOnly isCode hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Token')}>
        {token.token}
      </ClipboardCopy>
      <p>{t('Scripts send it with each request:')}</p>
      <ClipboardCopy isReadOnly isCode hoverTip={t('Copy')} clickTip={t('Copied')} textAriaLabel={t('Example')}>
        {`curl -H "Authorization: Bearer $TOKEN" ${window.location.origin}/api/v1/hosts`}
      </ClipboardCopy>
    </>
  );
}
