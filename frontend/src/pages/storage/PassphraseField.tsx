import { Button, Checkbox, Flex } from '@patternfly/react-core';
import { useState } from 'react';
import { Field } from '../../components/Field';
import { TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { madePassphrase, passphraseFault } from './passphrase';

interface Props {
  /** Null where it is not encrypted. */
  value: string | null;
  onChange: (value: string | null) => void;
  error?: string | undefined;
}

/** Whether something is encrypted, and by which passphrase: typed, or made here and shown once. */
export function PassphraseField({ value, onChange, error }: Props) {
  const [shown, setShown] = useState(false);
  const make = () => {
    setShown(true);
    onChange(madePassphrase());
  };
  return (
    <>
      <Checkbox id="volume-encrypt" label={t('Encrypt it')} description={t('It opens with a passphrase only, which libvirt keeps as a secret (LUKS).')} isChecked={value !== null} onChange={(_, on) => onChange(on ? '' : null)} />
      {value === null ? null : (
        <Field id="volume-passphrase" label={t('Passphrase')} isRequired error={error ?? (value ? (passphraseFault(value) ?? undefined) : undefined)} help={t('8 letters or more. Nobody can read it here again.')}>
          <TextInput id="volume-passphrase" type={shown ? 'text' : 'password'} autoComplete="new-password" value={value} onChange={(_, text) => onChange(text)} />
          <Flex columnGap={{ default: 'columnGapMd' }}>
            <Button variant="link" isInline onClick={make}>
              {t('Make one')}
            </Button>
            <Button variant="link" isInline onClick={() => setShown(!shown)}>
              {shown ? t('Hide it') : t('Show it')}
            </Button>
          </Flex>
        </Field>
      )}
    </>
  );
}
