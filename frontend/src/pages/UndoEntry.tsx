import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchange, problemOf } from '../api/client';
import { useCan } from '../api/session';
import type { AuditEntry } from '../api/types';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { ReasonButton } from '../components/DisabledReason';
import { PlanButton } from '../dialogs/PlanButton';
import { actWords } from '../util/acts';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';
import { tellUndone, type Undone } from './machine/undo';

const UNDO = '/audit/{number}/undo';
const NEEDS = { domain: 'domain:edit', job: 'domain:edit', pool: 'storage:edit', volume: 'storage:edit', network: 'network:edit' } as const;

const nounOf = ({ inverse }: AuditEntry) => (inverse && 'noun' in inverse ? inverse.noun : 'domain');

const WORDS = (): Partial<Record<string, string>> => ({ volume: t('The volume is deleted again. Nothing was written to it.'), job: t('A snapshot that was taken is deleted again; what the machine is now stays.') });

/** Takes back what an entry of the log tells of; where that is not possible any more it says why. */
export function UndoEntry({ entry }: { entry: AuditEntry }) {
  return entry.definition || entry.inverse ? <UndoButton entry={entry} /> : null;
}

function UndoButton({ entry }: { entry: AuditEntry }) {
  const cache = useQueryClient();
  const may = useCan(NEEDS[nounOf(entry)]);
  const [open, setOpen] = useState(false);
  const request = { path: { number: String(entry.id) }, body: {} };
  const what = { act: actWords(entry.act), time: formatTime(entry.time) };
  const undo = async () => {
    tellUndone(cache, await exchange<Undone>('POST', UNDO, request));
  };
  return (
    <>
      <ReasonButton
        variant="link"
        isInline
        reason={may ? entry.undo : t('Your role may look at it, not change it.')}
        aria-label={t('Undo: {{act}}, {{time}}', what)}
        onClick={() => setOpen(true)}
      >
        {t('Undo')}
      </ReasonButton>
      {open ? (
        <ConfirmDialog
          title={t('Undo “{{act}}” of {{time}}?', what)}
          verb={t('Undo')}
          onConfirm={undo}
          toProblem={problemOf}
          extra={<PlanButton title={t('Undo')} method="POST" template={UNDO} {...request} />}
          onClose={() => setOpen(false)}
        >
          <p>{WORDS()[nounOf(entry)] ?? t('What was changed since stays. Disks are not touched.')}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
