import { Button, Checkbox, PageSection, SearchInput } from '@patternfly/react-core';
import HistoryIcon from '@patternfly/react-icons/dist/esm/icons/history-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, unread } from '../api/client';
import { useLookedHost } from '../api/looked';
import { useAllDomains, useHosts } from '../api/queries';
import { useCan } from '../api/session';
import type { AuditEntry } from '../api/types';
import { PageHeader } from '../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../components/Pages';
import { paths } from '../paths';
import { actWords } from '../util/acts';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';
import { useDebounced } from '../util/useDebounced';
import { EntryDetail, EntryResult } from './LogEntry';
import { UndoEntry } from './UndoEntry';

const PAGE = 100;

/** The log, for those who may read it. */
export default function AuditPage() {
  if (useCan('audit:view')) return <Log />;
  return (
    <>
      <PageHeader title={t('History')} />
      <EmptyPage title={t('The history is for administrators')} icon={HistoryIcon}>
        {t('Your role may look at machines, but not read who did what. Ask an administrator of the host.')}
      </EmptyPage>
    </>
  );
}

/** Who did what on this service, newest first; read page by page. */
function Log() {
  const [words, setWords] = useState('');
  const [failed, setFailed] = useState(false);
  const [looked, look] = useLookedHost();
  const host = looked?.id ?? null;
  const search = useDebounced(words.trim(), 300);
  const audit = useInfiniteQuery({
    queryKey: ['audit', 'pages', host, search, failed],
    queryFn: ({ pageParam, signal }) => call<AuditEntry[]>('GET', '/audit', { query: { limit: PAGE, before: pageParam, host, search, failed }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < PAGE ? null : (last.at(-1)?.id ?? null)),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const problem = unread(audit);
  if (problem) return <ErrorPage problem={problem} retry={audit.refetch} />;
  if (!audit.data) return <LoadingPage />;
  const entries = audit.data.pages.flat();
  return (
    <>
      <PageHeader
        title={t('History')}
        subtitle={t('Who did what, from where, and how it ended. What a machine was like before stands on its own page.')}
        actions={
          <Button variant="secondary" onClick={() => void audit.refetch()}>
            {t('Read again')}
          </Button>
        }
      />
      <PageSection>
        <div className="qd-filter qd-log-filter">
          <SearchInput
            aria-label={t('Filter the history')}
            placeholder={t('Who, what, which machine, or from where')}
            value={words}
            onChange={(_, next) => setWords(next)}
            onClear={() => setWords('')}
          />
          <Checkbox id="audit-failed" label={t('Only what was refused or failed')} isChecked={failed} onChange={(_, on) => setFailed(on)} />
        </div>
        {entries.length > 0 ? (
          <Entries entries={entries} />
        ) : search || failed || looked ? (
          <EmptyPage title={t('Nothing like this was done')} icon={HistoryIcon} actions={<Button variant="link" onClick={() => (setWords(''), setFailed(false), look(null))}>{t('Show everything')}</Button>} />
        ) : (
          <EmptyPage title={t('Nothing happened yet')} icon={HistoryIcon} />
        )}
        {audit.hasNextPage ? (
          <Button variant="link" isLoading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t('Show older')}
          </Button>
        ) : null}
      </PageSection>
    </>
  );
}

function Entries({ entries }: { entries: AuditEntry[] }) {
  const { domains } = useAllDomains(useHosts());
  const known = new Map(domains.map((domain) => [domain.uuid, domain]));
  const [time, user, act, on, result, detail] = [t('Time'), t('Who'), t('Act'), t('On'), t('Result'), t('Details')];
  return (
    <Table aria-label={t('History')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          {[time, user, act, on, result, detail].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {entries.map((entry) => {
          const domain = entry.target ? known.get(entry.target) : undefined;
          return (
            <Tr key={entry.id}>
              <Td dataLabel={time} modifier="nowrap">
                {formatTime(entry.time)}
              </Td>
              <Td dataLabel={user}>
                {entry.user} <span className="qd-dim">{entry.address}</span>
              </Td>
              <Td dataLabel={act} modifier="nowrap">{actWords(entry.act)}</Td>
              <Td dataLabel={on} modifier="breakWord">
                {domain ? <Link to={paths.machine(domain.host, domain.uuid)}>{domain.name}</Link> : (entry.name ?? entry.target)}
                {entry.host && entry.host !== entry.target ? <span className="qd-dim"> {entry.host}</span> : null}
              </Td>
              <Td dataLabel={result}>
                <EntryResult entry={entry} />
              </Td>
              <Td dataLabel={detail} modifier="breakWord">
                <EntryDetail entry={entry} />
              </Td>
              <Td modifier="nowrap">
                <UndoEntry entry={entry} />
              </Td>
            </Tr>
          );
        })}
      </Tbody>
    </Table>
  );
}
