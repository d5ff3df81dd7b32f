import '../migrate/migrate.css';
import { useState } from 'react';
import { isOver, useJob, useJobs } from '../../api/jobs';
import type { DomainSummary } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { CloneForm, type CloneOf } from './CloneForm';
import { CloneProgress } from './CloneProgress';

interface Props extends CloneOf {
  domain: DomainSummary;
  onClose: () => void;
}

/** Copies a machine. Closed while it runs, the clone goes on and is found in the tray of jobs, and here again. */
export function CloneDialog({ domain, onClose, ...of }: Props) {
  const running = useJobs().find((job) => job.kind === 'clone' && job.target === domain.uuid && !isOver(job));
  const [id, setId] = useState<string | null>(null);
  const job = useJob(id ?? running?.id ?? null);
  // Its end is shown as well when the clone was begun elsewhere.
  if (!id && running) setId(running.id);
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="clone-title">
      {job ? <CloneProgress job={job} domain={domain} onClose={onClose} onAgain={() => setId(null)} /> : <CloneForm {...of} domain={domain} onClose={onClose} onStarted={setId} />}
    </Dialog>
  );
}
