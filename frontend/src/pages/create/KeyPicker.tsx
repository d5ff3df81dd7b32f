import { Button, Checkbox, FormGroup } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { sshKeys } from '../../api/sshKeys';
import { Unread } from '../../components/Unread';
import { SshKeyAdd } from '../../dialogs/SshKeyAdd';
import { SshKeyMake } from '../../dialogs/SshKeyMake';
import { t } from '../../util/i18n';

interface Props {
  /** The lines of the keys that are chosen. */
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Keys of one's library, to be ticked. */
export function KeyPicker({ chosen, onChange }: Props) {
  const keys = useQuery(sshKeys());
  const [open, setOpen] = useState<'add' | 'make' | null>(null);
  const more = { onClose: () => setOpen(null), onDone: ({ key }: { key: string }) => onChange([...chosen, key]) };
  return (
    <FormGroup role="group" label={t('Keys of mine')} fieldId="my-keys">
      {keys.error ? <Unread problem={problemOf(keys.error)} retry={keys.refetch} /> : null}
      {keys.data?.map(({ id, key, name, fingerprint }) => (
        <Checkbox
          key={id}
          id={`my-key-${id}`}
          label={name}
          description={<span className="qd-path">{fingerprint}</span>}
          isChecked={chosen.includes(key)}
          onChange={(_, on) => onChange(on ? [...chosen, key] : chosen.filter((known) => known !== key))}
        />
      ))}
      <div className="qd-toolbar">
        <Button variant="link" isInline onClick={() => setOpen('add')}>
          {t('Add one to my library…')}
        </Button>
        <Button variant="link" isInline onClick={() => setOpen('make')}>
          {t('Make one…')}
        </Button>
      </div>
      {open === 'add' ? <SshKeyAdd {...more} /> : null}
      {open === 'make' ? <SshKeyMake {...more} /> : null}
    </FormGroup>
  );
}
