import { Button, Label, Radio } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { formatTime } from '../../../util/time';
import { ReviewDialog } from '../ReviewDialog';
import { ScrollX } from '../ScrollX';
import { definitions, type Definition } from './api';
import { DefinitionDiff } from './DefinitionDiff';

const AT_FIRST = 20;

/** All definitions, newest first: choose two to compare, or go back to one. */
export function Definitions({ domain }: { domain: Domain }) {
  const list = useQuery(definitions(domain.host, domain.uuid, domain.etag));
  const [pair, setPair] = useState<{ from: number; to: number } | null>(null);
  const [restoring, setRestoring] = useState<Definition | null>(null);
  const [all, setAll] = useState(false);
  if (list.error) return <ProblemAlert problem={problemOf(list.error)} />;
  if (!list.data) return <LoadingPage />;
  const entries = list.data;
  const [newest, before] = entries;
  const chosen = pair ?? (newest && before ? { from: before.id, to: newest.id } : null);
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
    <>
      <ScrollX label={t('List of definitions')}>
        <Table aria-label={t('Definitions')} variant="compact" gridBreakPoint="">
          <Thead>
            <Tr>
              <Th>{t('From')}</Th>
              <Th>{t('To')}</Th>
              <Th>{t('Time')}</Th>
              <Th>{t('Who')}</Th>
              <Th>{t('Act')}</Th>
              <Th screenReaderText={t('Acts')} />
            </Tr>
          </Thead>
          <Tbody>
            {(all ? entries : entries.slice(0, AT_FIRST)).map((entry) => (
              <Tr key={entry.id}>
                <Td>{radio('from', entry)}</Td>
                <Td>{radio('to', entry)}</Td>
                <Td modifier="nowrap">{formatTime(entry.time)}</Td>
                <Td>{entry.user ?? <span className="qd-dim">{t('outside Quarterdeck')}</span>}</Td>
                <Td>
                  {actText(entry)} {entry.current ? <Label isCompact color="green">{t('saved now')}</Label> : null}
                </Td>
                <Td>
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
      </ScrollX>
      {entries.length > AT_FIRST && !all ? (
        <Button variant="link" onClick={() => setAll(true)}>
          {t('Show all {{count}}', { count: entries.length })}
        </Button>
      ) : null}
      {chosen ? <DefinitionDiff domain={domain} from={chosen.from} to={chosen.to} /> : <p className="qd-dim">{t('It has had no other definition since Quarterdeck watches it.')}</p>}
      {restoring ? <Restore domain={domain} entry={restoring} onClose={() => setRestoring(null)} /> : null}
    </>
  );
}

function actText({ act, user }: Definition): string {
  if (!act) return user ? '' : t('changed');
  const words = act.replaceAll(/[-_.]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function Restore({ domain, entry, onClose }: { domain: Domain; entry: Definition; onClose: () => void }) {
  const time = formatTime(entry.time);
  return (
    <ReviewDialog
      title={t('Go back to the definition of {{time}}', { time })}
      verb={t('Go back')}
      domain={domain}
      change={{ method: 'POST', path: `/history/${entry.id}/restore`, body: {} }}
      etag={domain.etag}
      onClose={onClose}
      onDone={() => {
        toast.success(t('{{name}} has its definition of {{time}} again', { name: domain.name, time }));
        onClose();
      }}
    >
      <p>{t('The definition of today stays in this list, so you can come back. Disks are not touched.')}</p>
    </ReviewDialog>
  );
}
