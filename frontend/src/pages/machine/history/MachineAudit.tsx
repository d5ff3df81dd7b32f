import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { problemOf } from '../../../api/client';
import { queries } from '../../../api/queries';
import { useCan } from '../../../api/session';
import type { Domain } from '../../../api/types';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { actWords } from '../../../util/acts';
import { t } from '../../../util/i18n';
import { formatTime } from '../../../util/time';
import { EntryDetail, EntryResult } from '../../LogEntry';
import { UndoEntry } from '../../UndoEntry';

/** The audit log's entries of this machine. */
export function MachineAudit({ domain }: { domain: Domain }) {
  const may = useCan('audit:view');
  const log = useQuery({ ...queries.audit(null, domain.uuid), enabled: may });
  const { refetch } = log;
  // The log has no events; whoever acts on the machine changes it.
  useEffect(() => {
    if (may) void refetch();
  }, [may, refetch, domain.revision]);
  if (!may) return <p className="qd-dim">{t('Your role may not see the audit log.')}</p>;
  if (log.error) return <ProblemAlert problem={problemOf(log.error)} />;
  if (!log.data) return <LoadingPage />;
  if (log.data.length === 0) return <p className="qd-dim">{t('Nothing was done to it through Quarterdeck.')}</p>;
  return (
    <Table aria-label={t('What was done')} variant="compact" gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th>{t('Time')}</Th>
          <Th>{t('Who')}</Th>
          <Th>{t('Act')}</Th>
          <Th>{t('Result')}</Th>
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {log.data.map((entry) => (
          <Tr key={entry.id}>
            <Td dataLabel={t('Time')} modifier="nowrap">{formatTime(entry.time)}</Td>
            <Td dataLabel={t('Who')}>{entry.user}</Td>
            <Td dataLabel={t('Act')}>{actWords(entry.act)}</Td>
            <Td dataLabel={t('Result')}>
              {/* One child: on a phone a cell is a grid of its name and this. */}
              <div>
                <EntryResult entry={entry} /> <EntryDetail entry={entry} />
              </div>
            </Td>
            <Td modifier="nowrap">
              <UndoEntry entry={entry} />
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}
