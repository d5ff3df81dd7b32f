import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { fieldError } from '../../api/problem';
import { storageKeys, storageQueries } from '../../api/storage';
import { TextArea } from '../../components/inputs';
import { Field } from '../../components/Field';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';

const FILTERS = '/hosts/{host}/nwfilters';
const FIRST = `<filter name='my-filter' chain='root'>
  <filterref filter='clean-traffic'/>
  <rule action='drop' direction='in' priority='500'>
    <tcp dstportstart='25'/>
  </rule>
</filter>
`;

/** A filter as XML: a new one where no name is given. */
export function FilterDialog({ host, name, onClose }: { host: string; name: string | null; onClose: () => void }) {
  const cache = useQueryClient();
  const { data, error } = useQuery({ ...storageQueries.filter(host, name ?? ''), enabled: name !== null, staleTime: 0 });
  const [text, setText] = useState<string | null>(name === null ? FIRST : null);
  const xml = text ?? data?.xml ?? '';
  const change: Change = name
    ? { method: 'PUT', template: `${FILTERS}/{nwfilter}`, path: { host, nwfilter: name }, body: { xml }, ifMatch: data?.etag ?? '' }
    : { method: 'POST', template: FILTERS, path: { host }, body: { xml } };
  return (
    <PlannedDialog
      title={name ? t('Filter {{name}}', { name }) : t('New filter')}
      description={t('Rules that are applied to a card of a machine before its traffic reaches the network. Running machines get a change at once.')}
      verb={name ? t('Save') : t('Create')}
      variant="large"
      blocked={text === null ? t('Nothing was changed yet.') : null}
      change={change}
      shown={['/xml']}
      onDone={() => void cache.invalidateQueries({ queryKey: storageKeys.filters(host) })}
      onClose={onClose}
    >
      {(problem) => (
        <>
          {error ? <ProblemAlert problem={problemOf(error)} /> : null}
          {name && !data && !error ? (
            <LoadingPage />
          ) : (
            <Field id="filter-xml" label={t('XML of the filter')} error={fieldError(problem, '/xml')} help={data && data.used_by.length > 0 ? t('Used by {{machines}}', { machines: data.used_by.join(', ') }) : undefined}>
              <TextArea id="filter-xml" className="qd-path" rows={16} resizeOrientation="vertical" spellCheck={false} value={xml} onChange={(_, next) => setText(next)} />
            </Field>
          )}
        </>
      )}
    </PlannedDialog>
  );
}
