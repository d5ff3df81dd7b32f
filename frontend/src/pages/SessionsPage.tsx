import { Button, Label, PageSection } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, problemOf, unread } from '../api/client';
import { logout, sessions, SESSIONS, type SessionEntry } from '../api/session';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { PageHeader } from '../components/PageHeader';
import { ErrorPage, LoadingPage } from '../components/Pages';
import { paths } from '../paths';
import { browserWords } from '../util/browser';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';

/** Where one is logged in, and the end of what should not be. */
export default function SessionsPage() {
  const found = useQuery(sessions());
  const [ending, setEnding] = useState<SessionEntry | 'all' | null>(null);
  const problem = unread(found);
  if (problem) return <ErrorPage problem={problem} retry={found.refetch} />;
  if (!found.data) return <LoadingPage />;
  return (
    <>
      <PageHeader
        title={t('Your sessions')}
        subtitle={
          <>
            {t('Where you are logged in. Each ends by itself when it is not used.')} <Link to={paths.tokens}>{t('What scripts log in with')}</Link>
          </>
        }
        actions={
          <Button variant="secondary" isDanger onClick={() => setEnding('all')}>
            {t('End them all')}
          </Button>
        }
      />
      <PageSection>
        <SessionTable sessions={found.data} onEnd={setEnding} />
      </PageSection>
      {ending ? <EndSession ending={ending} onClose={() => setEnding(null)} /> : null}
    </>
  );
}

function SessionTable({ sessions: all, onEnd }: { sessions: SessionEntry[]; onEnd: (session: SessionEntry) => void }) {
  const [address, browser, begun, used] = [t('From'), t('Browser'), t('Begun'), t('Last used')];
  return (
    <Table aria-label={t('Your sessions')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          {[address, browser, begun, used].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {all.map((session) => (
          <Tr key={session.id}>
            <Td dataLabel={address}>
              {session.address}{' '}
              {session.current ? (
                <Label isCompact color="blue">
                  {t('this one')}
                </Label>
              ) : null}
            </Td>
            <Td dataLabel={browser} modifier="breakWord">
              {browserWords(session.browser)}
            </Td>
            <Td dataLabel={begun}>{formatTime(session.created)}</Td>
            <Td dataLabel={used}>{formatTime(session.seen)}</Td>
            <Td isActionCell>
              <Button variant="secondary" size="sm" onClick={() => onEnd(session)} aria-label={session.current ? t('End it: this session') : t('End it: the session from {{address}}, begun {{time}}', { address: session.address, time: formatTime(session.created) })}>
                {t('End it')}
              </Button>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function EndSession({ ending, onClose }: { ending: SessionEntry | 'all'; onClose: () => void }) {
  const cache = useQueryClient();
  const end = async () => {
    if (ending === 'all' || ending.current) return logout(ending === 'all');
    await call('DELETE', `${SESSIONS}/{id}`, { path: { id: ending.id } });
    await cache.invalidateQueries(sessions());
  };
  const title = ending === 'all' ? t('End all your sessions?') : ending.current ? t('End this session?') : t('End the session from {{address}}?', { address: ending.address });
  return (
    <ConfirmDialog title={title} verb={t('End it')} danger onConfirm={end} toProblem={problemOf} onClose={onClose}>
      <p>{ending === 'all' || ending.current ? t('You are logged out here, and what is open closes.') : t('Who uses it is logged out, and what it has open closes. Change your password if you do not know it.')}</p>
    </ConfirmDialog>
  );
}
