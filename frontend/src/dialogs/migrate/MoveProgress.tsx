import './migrate.css';
import { Alert, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, ProgressStep, ProgressStepper } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { isOver } from '../../api/jobs';
import type { MigrationDetails, MigrationResult } from '../../api/migration';
import { useRoom } from '../../api/live';
import { queries, useHosts } from '../../api/queries';
import type { Job } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';
import { formatDuration } from '../../util/time';
import { formatBytes, formatRate } from '../../util/units';
import { Limits } from './Limits';
import { RateGraph } from './RateGraph';

/** A migration that runs or ran: phases, figures as they come, limits that may be changed on the way, and its end. */
export function MoveProgress({ job, onLeave }: { job: Job; onLeave?: () => void }) {
  const over = isOver(job);
  const seen = job.details as MigrationDetails;
  return (
    <div className="qd-move">
      {over ? <End job={job} onLeave={onLeave} /> : <JobProgress job={{ ...job, phase: '' }} />}
      <Phases job={job} />
      {over ? null : <RateGraph job={job} />}
      {!over && seen.advice ? <Alert variant="info" isInline isLiveRegion title={seen.advice} /> : null}
      <Figures job={job} />
      {over ? null : <Limits job={job} />}
    </div>
  );
}

function End({ job, onLeave }: { job: Job; onLeave?: (() => void) | undefined }) {
  const hosts = useHosts();
  const result = job.result as MigrationResult | null;
  const name = hosts.find((host) => host.id === result?.destination)?.name ?? result?.destination ?? '';
  if (job.state !== 'done' || !result) return job.problem ? <ProblemAlert problem={job.problem} actions={job.problem['start_on'] === job.host ? <StartAgain job={job} /> : undefined} /> : <Alert variant="warning" isInline title={job.message} />;
  const words = [
    result.duration_ms == null ? '' : t('It took {{time}}', { time: formatDuration(result.duration_ms / 1000) }),
    result.downtime_ms == null ? '' : t('the machine stood still for {{pause}} ms', { pause: result.downtime_ms }),
    result.sent_bytes == null ? '' : t('{{size}} went over', { size: formatBytes(result.sent_bytes) }),
  ];
  return (
    <Alert
      variant="success"
      isInline
      isLiveRegion
      title={result.state === 'shut_off' ? t('{{name}} is on {{host}}', { name: job.target_name, host: name }) : t('{{name}} runs on {{host}}', { name: job.target_name, host: name })}
      actionLinks={
        <Link to={paths.machine(result.destination, job.target)} onClick={onLeave}>
          {t('Go there')}
        </Link>
      }
    >
      <p>{words.filter(Boolean).join(', ')}</p>
      {result.predicted_ms == null ? null : <p className="qd-dim">{expected(result.predicted_ms / 1000, result.predicted_pause_ms)}</p>}
      <p>{result.proof}</p>
    </Alert>
  );
}

/** A machine that its move left off on both hosts is started again where it was. */
function StartAgain({ job }: { job: Job }) {
  useRoom(`domain:${job.host}:${job.target}`);
  const { act } = useActs();
  const name = useHosts().find(({ id }) => id === job.host)?.name ?? job.host;
  const domain = useQuery(queries.domain(job.host, job.target)).data;
  if (!domain) return null;
  return (
    <ReasonButton variant="secondary" size="sm" reason={domain.actions['start']} onClick={() => act('start', [domain])}>
      {t('Start it again on {{host}}', { host: name })}
    </ReasonButton>
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
  const off = (job.details as MigrationDetails).asked?.mode === 'offline';
  const shown = ORDER.filter((known) => seen.includes(known) || known === 'prepare' || (known === 'memory' && !off) || known === 'finish');
  // Of all the figures only these are read aloud by themselves; the good end tells itself.
  const spoken = job.state === 'done' ? '' : isOver(job) ? (job.problem?.title ?? job.message) : (words[phase] ?? '');
  return (
    <>
      <p role="status" className="pf-v6-screen-reader">
        {spoken}
      </p>
      <ProgressStepper isCenterAligned aria-label={t('Phases')}>
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
    </>
  );
}

function expected(seconds: number, pause: number | null): string {
  const time = formatDuration(seconds);
  return pause === null ? t('{{time}} were expected.', { time }) : t('{{time}} and a pause of {{pause}} ms were expected.', { time, pause });
}

const pauseWords = (ms: number): string => (ms < 2000 ? `${ms} ms` : formatDuration(ms / 1000));

function Figures({ job }: { job: Job }) {
  const seen = job.details as MigrationDetails;
  const facts: [string, string | null][] = [
    [t('Remaining'), seen.total_bytes ? t('{{left}} of {{all}}', { left: formatBytes(seen.remaining_bytes), all: formatBytes(seen.total_bytes) }) : null],
    [t('Rate'), seen.rate_bytes_s === undefined ? null : formatRate(seen.rate_bytes_s)],
    [t('The guest changes'), seen.dirty_rate_bytes_s ? formatRate(seen.dirty_rate_bytes_s) : null],
    [t('Pass'), seen.iteration ? String(seen.iteration) : null],
    [t('Time left'), seen.eta_seconds == null || isOver(job) ? null : formatDuration(seen.eta_seconds)],
    [t('Expected pause'), seen.expected_downtime_ms == null || isOver(job) ? null : pauseWords(seen.expected_downtime_ms)],
    [t('Pause'), seen.downtime_ms == null ? null : `${seen.downtime_ms} ms`],
    [t('Guest held back by'), seen.throttle_percent ? `${seen.throttle_percent} %` : null],
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
