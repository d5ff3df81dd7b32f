import { DOMAIN } from '../../../api/client';
import { FormGroup } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { fieldError } from '../../../api/problem';
import type { Domain, Problem } from '../../../api/types';
import { FieldHelp } from '../../../components/FieldHelp';
import { TextInput } from '../../../components/inputs';
import { LoadingPage } from '../../../components/Pages';
import { toast } from '../../../components/Toasts';
import { PlannedDialog } from '../../../dialogs/PlannedDialog';
import { t } from '../../../util/i18n';
import { keepDomain } from '../change';
import { useUndo } from '../undo';
import { errorLines } from '../xml/errors';
import type { Entry } from './MetadataGroup';

const XmlEditor = lazy(() => import('../xml/XmlEditor'));

interface Props {
  domain: Domain;
  /** What is changed; null adds one. */
  entry: Entry | null;
  /** Namespaces that are there already. */
  taken: string[];
  /** The version that was looked at. */
  etag: string;
  onClose: () => void;
}

/** One element of metadata: whose it is, and its XML. */
export function MetadataDialog({ domain, entry, taken, etag, onClose }: Props) {
  const cache = useQueryClient();
  const undo = useUndo();
  const before = entry?.saved ?? entry?.running ?? '';
  const [namespace, setNamespace] = useState(entry?.namespace ?? '');
  const [prefix, setPrefix] = useState(entry?.prefix ?? '');
  const [xml, setXml] = useState(before);
  const title = entry ? t('Metadata of {{namespace}}', { namespace }) : t('Add metadata');
  const same = entry !== null && entry.saved === xml && (entry.prefix ?? '') === prefix;
  const blocked = same ? t('Nothing is changed yet.') : namespace.trim() && xml.trim() ? null : t('Name the namespace and write its element.');
  const known = !entry && taken.includes(namespace.trim());
  return (
    <PlannedDialog
      title={title}
      description={t('It is kept in the saved definition and in the running machine.')}
      verb={entry ? t('Save') : t('Add')}
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
      onDone={({ data }) => {
        keepDomain(cache, data);
        toast.success(t('{{name}}: metadata saved', { name: domain.name }), undefined, undo(data));
      }}
      onClose={onClose}
    >
      {(problem) => (
        <>
          {entry ? null : (
            <>
              <Word id="metadata-namespace" label={t('Namespace')} value={namespace} onChange={setNamespace} error={fieldError(problem, '/namespace')} help={t('The address that names the program’s format: http://example.org/inventory/1.0')} required />
              <Word id="metadata-prefix" label={t('Prefix')} value={prefix} onChange={setPrefix} error={fieldError(problem, '/prefix')} help={t('The short name in front of its elements; left out, the text’s own or app.')} />
            </>
          )}
          <Text xml={xml} title={title} problem={problem} onChange={setXml} />
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
