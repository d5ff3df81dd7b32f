import './migrate/migrate.css';
import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ActDialogProps } from '.';
import { isOver, useJob, useJobs } from '../api/jobs';
import type { MigrationDetails } from '../api/migration';
import { queries } from '../api/queries';
import type { Job } from '../api/types';
import { Dialog } from '../components/Dialog';
import { t } from '../util/i18n';
import { isBroken } from './migrate/broken';
import { MigrateForm } from './migrate/MigrateForm';
import { MoveProgress } from './migrate/MoveProgress';
import { ResumeMove } from './migrate/ResumeMove';
import type { Wish } from './migrate/wish';

const TITLE = 'migrate-title';

/** What had the focus may go with the stage before: then the heading of the next takes it, and is read. */
function useFocusedTitle(stage: 'form' | 'moving' | 'over'): void {
  const before = useRef(stage);
  useEffect(() => {
    const title = document.getElementById(TITLE);
    if (before.current !== stage && title && document.activeElement === document.body) {
      title.tabIndex = -1;
      title.focus();
    }
    before.current = stage;
  }, [stage]);
}

interface Props extends ActDialogProps {
  /** Of the job of an earlier move, which is to be tried again. */
  earlier?: MigrationDetails;
}

/** Moves a machine to another host. Closed while it runs, the move goes on and is found in the tray of jobs, and here again. */
export default function DomainMigrate({ domain, onClose, ...asked }: Props) {
  const running = useJobs().find((job) => job.kind === 'migration' && job.target === domain.uuid && !isOver(job));
  const [id, setId] = useState<string | null>(null);
  const [begun, setBegun] = useState<{ id: string; asked: Wish }>();
  const [earlier, setEarlier] = useState<MigrationDetails | undefined>(asked.earlier);
  const job = useJob(id ?? running?.id ?? null);
  const now = useQuery(queries.domain(domain.host, domain.uuid)).data ?? domain;
  // Its end is shown as well when the move was begun elsewhere.
  if (!id && running) setId(running.id);
  useFocusedTitle(job ? (isOver(job) ? 'over' : 'moving') : 'form');
  const again = (over: Job) => {
    // What was begun elsewhere, or before the dialog was closed, is told by the job.
    setEarlier(over.id === begun?.id ? { asked: begun.asked } : over.details);
    setId(null);
  };
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby={TITLE}>
      {job ? (
        <>
          <ModalHeader title={isOver(job) ? t('Move of {{name}}', { name: domain.name }) : t('{{name}} is moving', { name: domain.name })} labelId={TITLE} />
          <ModalBody tabIndex={0} aria-label={t('The move')}>
            <MoveProgress job={job} onLeave={onClose} />
          </ModalBody>
          <ModalFooter>
            <Button onClick={onClose}>{isOver(job) ? t('Close') : t('Go on in the background')}</Button>
            {job.state === 'failed' || job.state === 'cancelled' ? (
              <Button variant="link" onClick={() => again(job)}>
                {isBroken(job) ? t('Go on with the move') : t('Try again')}
              </Button>
            ) : null}
          </ModalFooter>
        </>
      ) : now.reason === 'postcopy_failed' ? (
        <ResumeMove domain={now} onClose={onClose} onStarted={setId} />
      ) : (
        <MigrateForm
          domain={domain}
          earlier={earlier}
          onClose={onClose}
          onStarted={(id, asked) => {
            setId(id);
            setBegun({ id, asked });
          }}
        />
      )}
    </Dialog>
  );
}
