import './migrate.css';
import { Alert, Button, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, ProgressStep, ProgressStepper, TextInput } from '@patternfly/react-core';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import { cancelJob, isOver } from '../../api/jobs';
import { tuneMigration, type MigrationDetails, type MigrationResult } from '../../api/migration';
import { useHosts } from '../../api/queries';
import type { Job, Problem } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatDuration } from '../../util/time';
import { formatBytes, formatRate } from '../../util/units';
import { RateGraph } from './RateGraph';

/** A migration that runs or ran: phases, figures as they come, limits that may be changed on the way, and its end. */
export function MoveProgress({ job, onLeave }: { job: Job; onLeave?: () => void }) {
  const over = isOver(job);
  return (
    <div className="qd-move">
      {over ? <End job={job} onLeave={onLeave} /> : <JobProgress job={{ ...job, phase: '' }} title={t('Moving {{name}}', { name: job.target_name })} />}
      <Phases job={job} />
      {over ? null : <RateGraph job={job} />}
      <Figures job={job} />
      {over ? null : <Limits job={job} />}
    </div>
  );
}

function End({ job, onLeave }: { job: Job; onLeave?: (() => void) | undefined }) {
  const hosts = useHosts();
  const result = job.result as MigrationResult | null;
  const name = hosts.find((host) => host.id === result?.destination)?.name ?? result?.destination ?? '';
  if (job.state !== 'done' || !result) return job.problem ? <ProblemAlert problem={job.problem} /> : <Alert variant="warning" isInline title={job.message} />;
  const words = [
    result.duration_ms == null ? '' : t('It took {{time}}', { time: formatDuration(result.duration_ms / 1000) }),
    result.downtime_ms == null ? '' : t('the machine stood still for {{pause}} ms', { pause: result.downtime_ms }),
    result.sent_bytes == null ? '' : t('{{size}} went over', { size: formatBytes(result.sent_bytes) }),
  ];
  return (
    <Alert
      variant="success"
      isInline
      title={result.state === 'shut_off' ? t('{{name}} is on {{host}}', { name: job.target_name, host: name }) : t('{{name}} runs on {{host}}', { name: job.target_name, host: name })}
      actionLinks={
        <Link to={paths.machine(result.destination, job.target)} onClick={onLeave}>
          {t('Go there')}
        </Link>
      }
    >
      {words.filter(Boolean).join(', ')}
    </Alert>
  );
}

const ORDER = ['prepare', 'disks', 'memory', 'post_copy', 'finish'];

function Phases({ job }: { job: Job }) {
  // A phase that this move does not have is not shown as one to come.
  const [seen, setSeen] = useState<string[]>([]);
  const phase = job.phase === 'begin' ? 'prepare' : job.phase;
  if (ORDER.includes(phase) && !seen.includes(phase)) setSeen([...seen, phase]);
  const at = job.state === 'done' ? ORDER.length : ORDER.indexOf(phase);
  const words: Record<string, string> = {
    prepare: t('Get ready'),
    disks: t('Disks'),
    memory: t('Memory'),
    post_copy: t('Rest of the memory'),
    finish: t('Hand over'),
  };
  const shown = ORDER.filter((known) => seen.includes(known) || known === 'prepare' || known === 'memory' || known === 'finish');
  return (
    <ProgressStepper isCenterAligned aria-label={t('Phases')} className="qd-phases">
      {shown.map((known) => {
        const index = ORDER.indexOf(known);
        const failed = index === at && (job.state === 'failed' || job.state === 'cancelled');
        return (
          <ProgressStep
            key={known}
            id={`phase-${known}`}
            titleId={`phase-${known}-title`}
            variant={failed ? 'danger' : index < at ? 'success' : index === at ? 'info' : 'pending'}
            isCurrent={index === at}
            aria-label={words[known] ?? known}
          >
            {words[known]}
          </ProgressStep>
        );
      })}
    </ProgressStepper>
  );
}

function Figures({ job }: { job: Job }) {
  const seen = job.details as MigrationDetails;
  const facts: [string, string | null][] = [
    [t('Remaining'), seen.total_bytes ? t('{{left}} of {{all}}', { left: formatBytes(seen.remaining_bytes), all: formatBytes(seen.total_bytes) }) : null],
    [t('Rate'), seen.rate_bytes_s === undefined ? null : formatRate(seen.rate_bytes_s)],
    [t('The guest changes'), seen.dirty_rate_bytes_s ? formatRate(seen.dirty_rate_bytes_s) : null],
    [t('Pass'), seen.iteration ? String(seen.iteration) : null],
    [t('Time left'), seen.eta_seconds == null || isOver(job) ? null : formatDuration(seen.eta_seconds)],
    [t('Expected pause'), seen.expected_downtime_ms == null || isOver(job) ? null : `${seen.expected_downtime_ms} ms`],
    [t('Pause'), seen.downtime_ms == null ? null : `${seen.downtime_ms} ms`],
    [t('Running for'), seen.elapsed_ms === undefined ? null : formatDuration(seen.elapsed_ms / 1000)],
  ];
  return (
    <DescriptionList isCompact columnModifier={{ default: '2Col', md: '3Col' }}>
      {facts.map(([term, value]) =>
        value === null ? null : (
          <DescriptionListGroup key={term}>
            <DescriptionListTerm>{term}</DescriptionListTerm>
            <DescriptionListDescription>{value}</DescriptionListDescription>
          </DescriptionListGroup>
        ),
      )}
    </DescriptionList>
  );
}

/** Bandwidth and longest pause, changed while it runs. */
function Limits({ job }: { job: Job }) {
  const seen = job.details as MigrationDetails;
  const [bandwidth, setBandwidth] = useState('');
  const [pause, setPause] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (body: Parameters<typeof tuneMigration>[1]) => {
    setBusy(true);
    setProblem(null);
    try {
      await tuneMigration(job.id, body);
      setBandwidth('');
      setPause('');
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send({ ...(bandwidth === '' ? {} : { bandwidth_mib_s: Number(bandwidth) }), ...(pause === '' ? {} : { max_downtime_ms: Number(pause) }) });
  };
  return (
    <form onSubmit={submit} className="qd-limits" aria-label={t('Limits')}>
      {problem ? <ProblemAlert problem={problem} /> : null}
      <label htmlFor="tune-bandwidth">{t('Bandwidth, MiB/s (0: no limit)')}</label>
      <TextInput id="tune-bandwidth" type="number" min={0} placeholder={seen.bandwidth_mib_s ? String(seen.bandwidth_mib_s) : t('no limit')} value={bandwidth} onChange={(_, value) => setBandwidth(value)} />
      <label htmlFor="tune-pause">{t('Longest pause, ms')}</label>
      <TextInput id="tune-pause" type="number" min={1} placeholder={seen.max_downtime_ms ? String(seen.max_downtime_ms) : ''} value={pause} onChange={(_, value) => setPause(value)} />
      <div className="qd-limits-acts">
        <Button type="submit" variant="secondary" isDisabled={busy || (bandwidth === '' && pause === '')}>
          {t('Apply')}
        </Button>
        {job.phase === 'memory' ? (
          <Button variant="link" isDanger onClick={() => void send({ post_copy: true })} isDisabled={busy}>
            {t('Finish by post-copy')}
          </Button>
        ) : null}
        <ReasonButton
          reason={job.can_cancel ? null : t('It cannot be turned back any more.')}
          variant="link"
          isDanger
          onClick={() => void cancelJob(job.id).catch((error: unknown) => setProblem(problemOf(error)))}
        >
          {t('Cancel the move')}
        </ReasonButton>
      </div>
    </form>
  );
}
