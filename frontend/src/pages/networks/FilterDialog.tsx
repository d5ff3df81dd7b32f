import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { problemOf } from '../../api/client';
import { fieldError } from '../../api/problem';
import type { Problem } from '../../api/types';
import { storageKeys, storageQueries, type NwFilterText } from '../../api/storage';
import { LoadingPage } from '../../components/Pages';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { Unready } from '../../dialogs/snapshot/Unready';
import { useVersioned } from '../../dialogs/useVersioned';
import { t } from '../../util/i18n';
import { errorLines } from '../machine/xml/errors';

const XmlEditor = lazy(() => import('../machine/xml/XmlEditor'));
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
        <FilterText text={value.xml} problem={problem} users={users} onText={reason ? undefined : (xml) => set({ xml })} />
      )}
    </PlannedDialog>
  );
}

function FilterText({ text, problem, users, onText }: { text: string; problem: Problem | null; users: string | undefined; onText: ((text: string) => void) | undefined }) {
  const wrong = fieldError(problem, '/xml') ?? problem?.detail;
  const errors = useMemo(() => (wrong ? errorLines([wrong, problem?.raw], text) : []), [wrong, problem, text]);
  return (
    <Suspense fallback={<LoadingPage />}>
      <XmlEditor text={text} label={t('XML of the filter')} errors={errors} readOnly={!onText} {...(onText ? { onChange: onText } : {})} />
      {wrong ? (
        <p className="qd-rows-wrong" role="alert">
          {wrong}
        </p>
      ) : null}
      {users ? <p className="qd-dim">{users}</p> : null}
    </Suspense>
  );
}
