import './history.css';
import { Button, Label, Radio } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { toast } from '../../../components/Toasts';
import { paths } from '../../../paths';
import { actWords } from '../../../util/acts';
import { t } from '../../../util/i18n';
import { formatTime } from '../../../util/time';
import { ReviewDialog } from '../ReviewDialog';
import { useUndo } from '../undo';
import { definitions, type Definition } from './api';
import { ChangeList } from './ChangeList';
import { DefinitionDiff } from './DefinitionDiff';

const AT_FIRST = 20;

/** All definitions, newest first: choose two to compare, or go back to one. */
export function Definitions({ domain }: { domain: Domain }) {
  const list = useQuery(definitions(domain.host, domain.uuid, domain.etag));
  const [pair, setPair] = useState<{ from: number; to: number } | null>(null);
  const [restoring, setRestoring] = useState<Definition | null>(null);
  const [undoing, setUndoing] = useState<Definition | null>(null);
  const [all, setAll] = useState(false);
  if (list.error) return <ProblemAlert problem={problemOf(list.error)} />;
  if (!list.data) return <LoadingPage />;
  const entries = list.data;
  const [newest, before] = entries;
  const chosen = pair ?? (newest && before ? { from: before.id, to: newest.id } : null);
  const timeOf = (id: number) => entries.find((entry) => entry.id === id)?.time;
  const choose = (side: 'from' | 'to', id: number) => setPair({ from: newest?.id ?? id, to: newest?.id ?? id, ...chosen, [side]: id });
  const radio = (side: 'from' | 'to', entry: Definition) => (
    <Radio
      id={`${side}-${entry.id}`}
      name={side}
      aria-label={side === 'from' ? t('Compare from {{time}}', { time: formatTime(entry.time) }) : t('Compare with {{time}}', { time: formatTime(entry.time) })}
      isChecked={chosen?.[side] === entry.id}
      onChange={() => choose(side, entry.id)}
    />
  );
  return (
    <div className="qd-stack">
      <Table aria-label={t('Definitions')} variant="compact" gridBreakPoint="grid-md">
        <Thead>
          <Tr>
            <Th>{t('From')}</Th>
            <Th>{t('To')}</Th>
            <Th>{t('Time')}</Th>
            <Th>{t('Who')}</Th>
            <Th>{t('What changed')}</Th>
            <Th screenReaderText={t('Acts')} />
          </Tr>
        </Thead>
        <Tbody>
          {(all ? entries : entries.slice(0, AT_FIRST)).map((entry) => (
            <Tr key={entry.id}>
              <Td dataLabel={t('From')}>{radio('from', entry)}</Td>
              <Td dataLabel={t('To')}>{radio('to', entry)}</Td>
              <Td dataLabel={t('Time')} modifier="nowrap">{formatTime(entry.time)}</Td>
              <Td dataLabel={t('Who')}>
                {entry.user ?? <span className="qd-dim">{t('outside Quarterdeck')}</span>} <div className="qd-dim">{actText(entry, entry.id === entries.at(-1)?.id)}</div>
              </Td>
              <Td dataLabel={t('What changed')} className="qd-changes">
                <div>
                  <ChangeList changes={entry.changes} most={3} />
                  {entry.template_version === null ? null : <Link to={paths.templateVersions(domain.host, domain.uuid)}>{t('Version {{number}}', { number: entry.template_version })}</Link>}{' '}
                  {entry.current ? <Label isCompact color="green">{t('saved now')}</Label> : null}
                </div>
              </Td>
              <Td modifier="nowrap">
                <ReasonButton
                  variant="link"
                  isInline
                  reason={domain.actions['edit'] ?? entry.undo}
                  aria-label={t('Undo this: {{time}}', { time: formatTime(entry.time) })}
                  onClick={() => setUndoing(entry)}
                >
                  {t('Undo')}
                </ReasonButton>{' '}
                <ReasonButton
                  variant="link"
                  isInline
                  reason={entry.current ? t('This is what is saved now.') : domain.actions['edit']}
                  aria-label={t('Go back to this: {{time}}', { time: formatTime(entry.time) })}
                  onClick={() => setRestoring(entry)}
                >
                  {t('Go back to this')}
                </ReasonButton>
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
      {entries.length > AT_FIRST && !all ? (
        <Button variant="link" onClick={() => setAll(true)}>
          {t('Show all {{count}}', { count: entries.length })}
        </Button>
      ) : null}
      {chosen ? <DefinitionDiff domain={domain} {...chosen} names={[formatTime(timeOf(chosen.from)), formatTime(timeOf(chosen.to))]} /> : <p className="qd-dim">{t('It has had no other definition since Quarterdeck watches it.')}</p>}
      {undoing ? <Undo domain={domain} entry={undoing} onClose={() => setUndoing(null)} /> : null}
      {restoring ? <Restore domain={domain} entry={restoring} onClose={() => setRestoring(null)} /> : null}
    </div>
  );
}

function actText({ act, user, accepted }: Definition, oldest: boolean): string {
  if (accepted) return t('taken as it is by {{user}}', { user: accepted });
  if (act === 'unwatched') return t('while nobody watched');
  if (!act) return user ? '' : oldest ? t('first seen') : t('changed');
  return actWords(act);
}

function Undo({ domain, entry, onClose }: { domain: Domain; entry: Definition; onClose: () => void }) {
  const undo = useUndo();
  return (
    <ReviewDialog
      title={t('Undo what was changed at {{time}}', { time: formatTime(entry.time) })}
      verb={t('Undo')}
      domain={domain}
      change={{ method: 'POST', path: `/history/${entry.id}/undo`, body: {} }}
      etag={domain.etag}
      onClose={onClose}
      onDone={(answer) => {
        toast.success(t('{{name}}: undone', { name: domain.name }), undefined, undo(answer));
        onClose();
      }}
    >
      <p>{t('What was changed since stays. Disks are not touched.')}</p>
    </ReviewDialog>
  );
}

function Restore({ domain, entry, onClose }: { domain: Domain; entry: Definition; onClose: () => void }) {
  const time = formatTime(entry.time);
  const undo = useUndo();
  return (
    <ReviewDialog
      title={t('Go back to the definition of {{time}}', { time })}
      verb={t('Go back')}
      domain={domain}
      change={{ method: 'POST', path: `/history/${entry.id}/restore`, body: {} }}
      etag={domain.etag}
      onClose={onClose}
      onDone={(answer) => {
        toast.success(t('{{name}} has its definition of {{time}} again', { name: domain.name, time }), undefined, undo(answer));
        onClose();
      }}
    >
      <p>{t('The definition of today stays in this list, so you can come back. Disks are not touched.')}</p>
    </ReviewDialog>
  );
}
