import { useQuery, useQueryClient } from '@tanstack/react-query';
import { problemOf } from '../../api/client';
import { fieldError } from '../../api/problem';
import { storageKeys, storageQueries, type NwFilterText } from '../../api/storage';
import { TextArea } from '../../components/inputs';
import { Field } from '../../components/Field';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { Unready } from '../../dialogs/snapshot/Unready';
import { useVersioned } from '../../dialogs/useVersioned';
import { t } from '../../util/i18n';

const FILTERS = '/hosts/{host}/nwfilters';
const FIRST = `<filter name='my-filter' chain='root'>
  <filterref filter='clean-traffic'/>
  <rule action='drop' direction='in' priority='500'>
    <tcp dstportstart='25'/>
  </rule>
</filter>
`;

/** A filter as XML: a new one where no name is given; `reason` says why it can only be read. */
export function FilterDialog({ host, name, reason, onClose }: { host: string; name: string | null; reason: string | null; onClose: () => void }) {
  const { data, error, refetch } = useQuery({ ...storageQueries.filter(host, name ?? ''), enabled: name !== null, staleTime: 0 });
  if (name && !data) return <Unready title={t('Filter {{name}}', { name })} problem={error ? problemOf(error) : null} onRetry={() => void refetch()} onClose={onClose} />;
  return <FilterForm host={host} filter={data} reason={reason} onClose={onClose} />;
}

function FilterForm({ host, filter, reason, onClose }: { host: string; filter: NwFilterText | undefined; reason: string | null; onClose: () => void }) {
  const cache = useQueryClient();
  const { value, set, touched, etag, meanwhile } = useVersioned(filter, (saved) => ({ xml: saved?.xml ?? FIRST }));
  const change: Change = filter
    ? { method: 'PUT', template: `${FILTERS}/{nwfilter}`, path: { host, nwfilter: filter.name }, body: value, ifMatch: etag }
    : { method: 'POST', template: FILTERS, path: { host }, body: value };
  const users = filter && filter.used_by.length > 0 ? t('Used by {{machines}}', { machines: filter.used_by.join(', ') }) : undefined;
  return (
    <PlannedDialog
      title={filter ? t('Filter {{name}}', { name: filter.name }) : t('New filter')}
      description={t('Rules that are applied to a card of a machine before its traffic reaches the network. Running machines get a change at once.')}
      verb={filter ? t('Save') : t('Create')}
      variant="large"
      blocked={reason ?? (filter && !touched ? t('Nothing was changed yet.') : null)}
      change={change}
      shown={['/xml']}
      meanwhile={filter && meanwhile ? { name: filter.name, ...meanwhile } : null}
      onDone={() => void cache.invalidateQueries({ queryKey: storageKeys.filters(host) })}
      onClose={onClose}
    >
      {(problem) => (
        <Field id="filter-xml" label={t('XML of the filter')} error={fieldError(problem, '/xml')} help={users}>
          <TextArea id="filter-xml" className="qd-path" rows={16} resizeOrientation="vertical" spellCheck={false} readOnly={reason !== null} value={value.xml} onChange={(_, xml) => set({ xml })} />
        </Field>
      )}
    </PlannedDialog>
  );
}
