import { Checkbox, FormFieldGroupExpandable, FormFieldGroupHeader, FormGroup, Radio } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DOMAIN, problemOf } from '../../api/client';
import { fieldError } from '../../api/problem';
import { snapshotOptions, type SnapshotOptions } from '../../api/snapshots';
import type { Problem } from '../../api/types';
import { TextArea, TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { t } from '../../util/i18n';
import { formatMib } from '../../util/units';
import type { ActDialogProps } from '..';
import { PlannedDialog } from '../PlannedDialog';
import { Unready } from './Unready';
import { Wrong } from './Wrong';

const FIELDS = ['/name', '/description', '/kind', '/memory', '/disks', '/quiesce'];

interface Wish {
  name: string;
  description: string;
  kind: 'auto' | 'internal' | 'external';
  memory: boolean;
  quiesce: boolean;
  disks: string[];
}

/** Takes a snapshot. What is not possible stays in the form and says why. */
export default function DomainSnapshot({ domain, onClose }: ActDialogProps) {
  const options = useQuery(snapshotOptions(domain));
  const [wish, setWish] = useState<Partial<Wish>>({});
  const title = t('Take a snapshot');
  if (!options.data) return <Unready title={title} problem={options.error ? problemOf(options.error) : null} onRetry={() => void options.refetch()} onClose={onClose} />;
  const facts = options.data;
  const all = facts.disks.map((disk) => disk.target);
  const memory = !facts.memory && (wish.memory ?? true);
  const full: Wish = { name: facts.name, description: '', kind: 'auto', quiesce: false, disks: all, ...wish, memory };
  const body = {
    name: full.name,
    description: full.description || undefined,
    kind: full.kind,
    memory: facts.memory ? undefined : memory,
    quiesce: full.quiesce && !memory ? true : undefined,
    disks: full.disks.length < all.length ? full.disks : undefined,
  };
  const set = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  return (
    <PlannedDialog title={title} description={domain.name} verb={t('Take snapshot')} change={{ method: 'POST', template: `${DOMAIN}/snapshots`, path: { host: domain.host, uuid: domain.uuid }, body }} done={`${domain.name}: ${title}`} shown={FIELDS} onClose={onClose}>
      {(problem) => (
        <>
          <Words wish={full} set={set} problem={problem} />
          <Kinds wish={full} set={set} facts={facts} problem={problem} />
          <FormGroup role="group" label={t('What is kept')} fieldId="snapshot-memory">
            <Checkbox
              id="snapshot-memory"
              label={t('Memory')}
              description={facts.memory ?? t('Going back goes on where it was. Up to {{size}} are written.', { size: formatMib(facts.memory_mib) })}
              isChecked={memory}
              isDisabled={!!facts.memory}
              onChange={(_, on) => set({ memory: on })}
            />
            <Checkbox
              id="snapshot-quiesce"
              label={t('Ask the guest to write everything to its disks first')}
              description={memory ? t('Not needed together with the memory.') : (facts.quiesce ?? t('The guest agent freezes its file systems for a moment.'))}
              isChecked={full.quiesce && !memory && !facts.quiesce}
              isDisabled={memory || !!facts.quiesce}
              onChange={(_, on) => set({ quiesce: on })}
            />
            <Wrong text={fieldError(problem, '/memory') ?? fieldError(problem, '/quiesce')} />
          </FormGroup>
          {all.length > 1 ? <Disks wish={full} set={set} facts={facts} problem={problem} /> : null}
        </>
      )}
    </PlannedDialog>
  );
}

interface PartProps {
  wish: Wish;
  set: (part: Partial<Wish>) => void;
  problem: Problem | null;
}

function Words({ wish, set, problem }: PartProps) {
  const wrong = fieldError(problem, '/name');
  return (
    <>
      <Field id="snapshot-name" label={t('Name')} isRequired error={wrong}>
        <TextInput id="snapshot-name" value={wish.name} isRequired onChange={(_, name) => set({ name })} />
      </Field>
      <Field id="snapshot-description" label={t('Description')} error={fieldError(problem, '/description')}>
        <TextArea id="snapshot-description" value={wish.description} rows={2} resizeOrientation="vertical" onChange={(_, description) => set({ description })} />
      </Field>
    </>
  );
}

function Kinds({ wish, set, facts, problem }: PartProps & { facts: SnapshotOptions }) {
  const kinds = [
    { id: 'auto', label: t('Whichever is better'), text: t('Internal where the disks can hold it, else external. Below is told which, and why.') },
    { id: 'internal', label: t('Internal'), text: t('Everything stays in the qcow2 files of the disks.'), reason: facts.internal },
    { id: 'external', label: t('External'), text: t('The disks are frozen, and go on in new files.'), reason: externalReason(wish, facts) },
  ] as const;
  const wrong = fieldError(problem, '/kind');
  const told = wish.kind === 'auto' && kinds.some((kind) => 'reason' in kind && kind.reason === wrong);
  return (
    <FormGroup role="radiogroup" label={t('Kind')} fieldId="snapshot-kind">
      {kinds.map((kind) => {
        const reason = 'reason' in kind ? kind.reason : null;
        return (
          <Radio
            key={kind.id}
            id={`snapshot-kind-${kind.id}`}
            name="snapshot-kind"
            label={kind.label}
            description={reason ?? kind.text}
            isDisabled={!!reason}
            isChecked={wish.kind === kind.id}
            onChange={() => set({ kind: kind.id })}
          />
        );
      })}
      <Wrong text={wrong && told ? t('Neither kind is possible now.') : wrong} />
    </FormGroup>
  );
}

/** Why none is possible: where that is for a disk, only while that disk is to be part of it. */
function externalReason(wish: Wish, facts: SnapshotOptions) {
  if (facts.disks.every((disk) => disk.external !== facts.external)) return facts.external;
  return facts.disks.find((disk) => wish.disks.includes(disk.target) && disk.external)?.external;
}

function Disks({ wish, set, facts, problem }: PartProps & { facts: SnapshotOptions }) {
  const header = (
    <FormFieldGroupHeader
      titleText={{ text: t('Disks'), id: 'snapshot-disks' }}
      titleDescription={wish.disks.length === facts.disks.length ? t('All of them') : t('{{some}} of {{all}}; the others go on as they are', { some: wish.disks.length, all: facts.disks.length })}
    />
  );
  return (
    <FormFieldGroupExpandable isExpanded={facts.disks.some((disk) => disk.internal && disk.external)} toggleAriaLabel={t('Disks')} header={header}>
      <FormGroup role="group" fieldId="snapshot-disk" aria-label={t('Disks')}>
        {facts.disks.map((disk) => (
          <Checkbox
            key={disk.target}
            id={`snapshot-disk-${disk.target}`}
            label={disk.title}
            description={disk.internal && disk.external}
            isChecked={wish.disks.includes(disk.target)}
            onChange={(_, on) => set({ disks: facts.disks.map((each) => each.target).filter((target) => (target === disk.target ? on : wish.disks.includes(target))) })}
          />
        ))}
        <Wrong text={fieldError(problem, '/disks')} />
      </FormGroup>
    </FormFieldGroupExpandable>
  );
}
