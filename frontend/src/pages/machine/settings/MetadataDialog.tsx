import { DOMAIN } from '../../../api/client';
import { FormGroup } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { fieldError } from '../../../api/problem';
import type { components } from '../../../api/schema';
import type { Domain, Problem } from '../../../api/types';
import { FieldHelp } from '../../../components/FieldHelp';
import { TextInput } from '../../../components/inputs';
import { LoadingPage } from '../../../components/Pages';
import { toast } from '../../../components/Toasts';
import { PlannedDialog } from '../../../dialogs/PlannedDialog';
import { useVersioned } from '../../../dialogs/useVersioned';
import { t } from '../../../util/i18n';
import { keepDomain } from '../change';
import { useUndo } from '../undo';
import { errorLines } from '../xml/errors';

const XmlEditor = lazy(() => import('../xml/XmlEditor'));

interface Props {
  domain: Domain;
  metadata: components['schemas']['MetadataList'];
  /** The namespace whose element is changed; null adds one. */
  edited: string | null;
  onClose: () => void;
}

/** One element of metadata: whose it is, and its XML. */
export function MetadataDialog({ domain, metadata, edited, onClose }: Props) {
  const cache = useQueryClient();
  const undo = useUndo();
  const adding = edited === null;
  const { value, set, touched, etag, meanwhile } = useVersioned(metadata, ({ entries }) => {
    const entry = entries.find(({ namespace }) => namespace === edited);
    return { namespace: edited ?? '', prefix: entry?.prefix ?? '', xml: entry?.saved ?? entry?.running ?? '', kept: typeof entry?.saved === 'string' };
  });
  const { namespace, prefix, xml, kept } = value;
  const title = adding ? t('Add metadata') : t('Metadata of {{namespace}}', { namespace });
  const same = !adding && kept && !touched;
  const blocked = same ? t('Nothing is changed yet.') : namespace.trim() && xml.trim() ? null : t('Name the namespace and write its element.');
  const known = adding && metadata.entries.some((entry) => entry.namespace === namespace.trim());
  return (
    <PlannedDialog
      title={title}
      description={t('It is kept in the saved definition and in the running machine.')}
      verb={adding ? t('Add') : t('Save')}
      variant="large"
      blocked={known ? t('The machine has metadata of this namespace: edit that.') : blocked}
      change={{
        method: 'PUT',
        template: `${DOMAIN}/metadata`,
        path: { host: domain.host, uuid: domain.uuid },
        body: { namespace: namespace.trim(), prefix: prefix.trim() || null, xml },
        ifMatch: etag,
      }}
      shown={['/namespace', '/prefix']}
      meanwhile={meanwhile && { name: domain.name, ...meanwhile }}
      onDone={({ data }) => {
        keepDomain(cache, data);
        toast.success(t('{{name}}: metadata saved', { name: domain.name }), undefined, undo(data));
      }}
      onClose={onClose}
    >
      {(problem) => (
        <>
          {adding ? (
            <>
              <Word id="metadata-namespace" label={t('Namespace')} value={namespace} onChange={(namespace) => set({ ...value, namespace })} error={fieldError(problem, '/namespace')} help={t('The address that names the program’s format: http://example.org/inventory/1.0')} required />
              <Word id="metadata-prefix" label={t('Prefix')} value={prefix} onChange={(prefix) => set({ ...value, prefix })} error={fieldError(problem, '/prefix')} help={t('The short name in front of its elements; left out, the text’s own or app.')} />
            </>
          ) : null}
          <Text xml={xml} title={title} problem={problem} onChange={(xml) => set({ ...value, xml })} />
        </>
      )}
    </PlannedDialog>
  );
}

function Word({ id, label, value, onChange, error, help, required = false }: { id: string; label: string; value: string; onChange: (next: string) => void; error: string | undefined; help: string; required?: boolean }) {
  return (
    <FormGroup label={label} fieldId={id} isRequired={required}>
      <TextInput id={id} aria-describedby={`${id}-help`} validated={error ? 'error' : 'default'} value={value} onChange={(_, text) => onChange(text)} />
      <FieldHelp id={id} error={error} help={help} />
    </FormGroup>
  );
}

function Text({ xml, title, problem, onChange }: { xml: string; title: string; problem: Problem | null; onChange: (next: string) => void }) {
  const errors = useMemo(() => errorLines([fieldError(problem, '/xml')], xml), [problem, xml]);
  return (
    <div className="qd-part">
      <p className="qd-dim">{t('One element, with all that is in it. Its elements may be written without the namespace.')}</p>
      <Suspense fallback={<LoadingPage />}>
        <XmlEditor text={xml} label={t('XML of {{what}}', { what: title })} errors={errors} onChange={onChange} />
      </Suspense>
    </div>
  );
}
