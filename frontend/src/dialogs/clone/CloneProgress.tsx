import { Alert, Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import type { CloneResult } from '../../api/clone';
import { cancelJob, isOver } from '../../api/jobs';
import type { DomainSummary, Job, Problem } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatBytes, formatRate } from '../../util/units';

interface Props {
  job: Job;
  domain: DomainSummary;
  onClose: () => void;
  onAgain: () => void;
}

/** A clone that is being made, and how it ended. */
export function CloneProgress({ job, domain, onClose, onAgain }: Props) {
  const over = isOver(job);
  const [problem, setProblem] = useState<Problem | null>(null);
  const cancel = () => {
    cancelJob(job.id).catch((error: unknown) => setProblem(problemOf(error)));
  };
  return (
    <>
      <ModalHeader title={over ? t('Clone of {{name}}', { name: domain.name }) : t('{{name}} is being cloned', { name: domain.name })} labelId="clone-title" />
      <ModalBody tabIndex={0} aria-label={t('The clone')}>
        <div className="qd-move">
          {problem ? <ProblemAlert problem={problem} /> : null}
          {over ? <End job={job} onClose={onClose} /> : <JobProgress job={{ ...job, phase: '' }} title={t('Cloning {{name}}', { name: domain.name })} />}
          {over ? null : <Amount job={job} />}
        </div>
      </ModalBody>
      <ModalFooter>
        <Button onClick={onClose}>{over ? t('Close') : t('Go on in the background')}</Button>
        {over ? null : (
          <ReasonButton variant="secondary" reason={job.can_cancel ? null : t('It is past the point where it could be cancelled.')} onClick={cancel}>
            {t('Cancel the clone')}
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

function End({ job, onClose }: { job: Job; onClose: () => void }) {
  const result = job.result as CloneResult | null;
  if (job.state !== 'done' || !result) return job.problem ? <ProblemAlert problem={job.problem} /> : <Alert variant="warning" isInline title={job.message} />;
  return (
    <Alert
      variant="success"
      isInline
      title={t('{{name}} is there', { name: result.name })}
      actionLinks={
        <Link to={paths.machine(result.host, result.uuid)} onClick={onClose}>
          {t('Go there')}
        </Link>
      }
    />
  );
}
