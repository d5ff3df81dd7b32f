import { Alert, Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type ReactNode } from 'react';
import { problemOf } from '../api/client';
import { cancelJob, isOver } from '../api/jobs';
import type { Job, Problem } from '../api/types';
import { ReasonButton } from '../components/DisabledReason';
import { JobProgress } from '../components/JobProgress';
import { ProblemAlert } from '../components/ProblemAlert';
import { t } from '../util/i18n';
import { formatBytes, formatRate } from '../util/units';

interface Props {
  job: Job;
  titleId: string;
  /** While it runs, and when it is over. */
  titles: [string, string];
  onClose: () => void;
  onAgain: () => void;
  /** What a job that is done came to. */
  children: ReactNode;
}

/** A job that a dialog has begun: how far it is, a way to cancel it, and how it ended. */
export function LongJob({ job, titleId, titles, onClose, onAgain, children }: Props) {
  const over = isOver(job);
  const [problem, setProblem] = useState<Problem | null>(null);
  const cancel = () => {
    cancelJob(job.id).catch((error: unknown) => setProblem(problemOf(error)));
  };
  const failed = job.problem ? <ProblemAlert problem={job.problem} /> : <Alert variant="warning" isInline title={job.message} />;
  return (
    <>
      <ModalHeader title={titles[over ? 1 : 0]} labelId={titleId} />
      <ModalBody tabIndex={0} aria-label={titles[over ? 1 : 0]}>
        <div className="qd-move">
          {problem ? <ProblemAlert problem={problem} /> : null}
          {over ? null : <JobProgress job={{ ...job, phase: '' }} title={titles[0]} />}
          {over ? null : <Amount job={job} />}
          {over ? (job.state === 'done' ? children : failed) : null}
        </div>
      </ModalBody>
      <ModalFooter>
        <Button variant={over ? 'secondary' : 'primary'} onClick={onClose}>{over ? t('Close') : t('Go on in the background')}</Button>
        {over ? null : (
          <ReasonButton variant="secondary" reason={job.can_cancel ? null : t('It is past the point where it could be cancelled.')} onClick={cancel}>
            {t('Stop it')}
          </ReasonButton>
        )}
        {job.state === 'failed' || job.state === 'cancelled' ? (
          <Button variant="link" onClick={onAgain}>
            {t('Try again')}
          </Button>
        ) : null}
      </ModalFooter>
    </>
  );
}

function Amount({ job }: { job: Job }) {
  const { done_bytes: done, total_bytes: total, rate_bytes_s: rate } = job.details as { done_bytes?: number; total_bytes?: number; rate_bytes_s?: number | null };
  if (done === undefined || total === undefined) return null;
  const words = t('{{done}} of {{total}}', { done: formatBytes(done), total: formatBytes(total) });
  return <p className="qd-dim">{rate ? `${words} · ${formatRate(rate)}` : words}</p>;
}
