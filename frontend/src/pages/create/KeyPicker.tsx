import { Button, Checkbox, FormGroup } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { sshKeys } from '../../api/sshKeys';
import { ProblemAlert } from '../../components/ProblemAlert';
import { SshKeyAdd } from '../../dialogs/SshKeyAdd';
import { t } from '../../util/i18n';

interface Props {
  /** The lines of the keys that are chosen. */
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** Keys of one's library, to be ticked. */
export function KeyPicker({ chosen, onChange }: Props) {
  const keys = useQuery(sshKeys());
  const [adding, setAdding] = useState(false);
  return (
    <FormGroup role="group" label={t('Keys of mine')} fieldId="my-keys">
      {keys.error ? <ProblemAlert problem={problemOf(keys.error)} /> : null}
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
      <div>
        <Button variant="link" isInline onClick={() => setAdding(true)}>
          {t('Add one to my library…')}
        </Button>
      </div>
      {adding ? <SshKeyAdd onClose={() => setAdding(false)} onDone={({ key }) => onChange([...chosen, key])} /> : null}
    </FormGroup>
  );
}
