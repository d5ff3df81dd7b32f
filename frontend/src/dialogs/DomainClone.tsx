import './migrate/migrate.css';
import { useState } from 'react';
import type { ActDialogProps } from '.';
import { isOver, useJob, useJobs } from '../api/jobs';
import { Dialog } from '../components/Dialog';
import { CloneForm } from './clone/CloneForm';
import { CloneProgress } from './clone/CloneProgress';

/** Copies a machine. Closed while it runs, the clone goes on and is found in the tray of jobs, and here again. */
export default function DomainClone({ domain, onClose }: ActDialogProps) {
  const running = useJobs().find((job) => job.kind === 'clone' && job.target === domain.uuid && !isOver(job));
  const [id, setId] = useState<string | null>(null);
  const job = useJob(id ?? running?.id ?? null);
  // Its end is shown as well when the clone was begun elsewhere.
  if (!id && running) setId(running.id);
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="clone-title">
      {job ? <CloneProgress job={job} domain={domain} onClose={onClose} onAgain={() => setId(null)} /> : <CloneForm domain={domain} onClose={onClose} onStarted={setId} />}
    </Dialog>
  );
}
