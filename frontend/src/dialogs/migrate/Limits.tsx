import { Button } from '@patternfly/react-core';
import { useState, type FormEvent } from 'react';
import { problemOf } from '../../api/client';
import { cancelJob } from '../../api/jobs';
import { tuneMigration, type MigrationDetails } from '../../api/migration';
import { fieldError } from '../../api/problem';
import type { Job } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { TextInput } from '../../components/inputs';
import { ReasonButton } from '../../components/DisabledReason';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { Wrong } from '../snapshot/Wrong';

type Field = 'bandwidth_mib_s' | 'post_copy_bandwidth_mib_s' | 'max_downtime_ms';

/** Limits changed while it runs, and the ways to its end. What libvirt has now stands in the empty fields. */
export function Limits({ job }: { job: Job }) {
  const seen = job.details as MigrationDetails;
  const [typed, setTyped] = useState<Partial<Record<Field, string>>>({});
  const { attempt, busy, problem, setProblem } = useAttempt();
  const send = (body: Parameters<typeof tuneMigration>[1]) =>
    attempt(async () => {
      await tuneMigration(job.id, body);
      setTyped({});
    });
  const wrong = (name: Field) => fieldError(problem, `/${name}`);
  const change = (name: Field, value: string) => {
    setProblem(null);
    setTyped({ ...typed, [name]: value });
  };
  const asked = Object.entries(typed).filter(([, text]) => text !== '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(Object.fromEntries(asked.map(([field, text]) => [field, Number(text)])));
  };
  const field = (name: Field, label: string, min: number, none: string) => (
    <>
      <label htmlFor={`tune-${name}`}>{label}</label>
      <TextInput
        id={`tune-${name}`}
        type="number"
        min={min}
        placeholder={seen[name] ? String(seen[name]) : none}
        value={typed[name] ?? ''}
        {...(wrong(name) ? { validated: 'error' as const, 'aria-describedby': `tune-${name}-wrong` } : {})}
        onChange={(_, value) => change(name, value)}
      />
      <div id={`tune-${name}-wrong`} className="qd-limits-wrong">
        <Wrong text={wrong(name)} />
      </div>
    </>
  );
  const off = seen.asked?.mode === 'offline';
  const early = off ? t('It is off: no memory is sent.') : job.phase === 'memory' ? null : t('Its memory is not being sent just now.');
  return (
    <form onSubmit={submit} className="qd-limits" aria-label={t('Limits')} noValidate>
      {problem && !problem.errors?.length ? <ProblemAlert problem={problem} /> : null}
      {field('bandwidth_mib_s', t('Bandwidth, MiB/s (0: no limit)'), 0, t('no limit'))}
      {off ? null : field('max_downtime_ms', t('Longest pause, ms'), 1, '')}
      {seen.post_copy_allowed ? field('post_copy_bandwidth_mib_s', t('Bandwidth after the switch, MiB/s'), 0, t('no limit')) : null}
      <div className="qd-limits-acts">
        <Button type="submit" variant="secondary" isDisabled={busy || asked.length === 0}>
          {t('Apply')}
        </Button>
        <ReasonButton variant="link" reason={early ?? (seen.paused ? t('It is paused already.') : null)} onClick={() => void send({ pause: true })} isDisabled={busy}>
          {t('Pause it until it has arrived')}
        </ReasonButton>
        <ReasonButton
          variant="link"
          isDanger
          reason={early ?? (seen.post_copy_allowed ? null : t('This move was not begun with post-copy allowed.'))}
          onClick={() => void send({ post_copy: true })}
          isDisabled={busy}
        >
          {t('Finish by post-copy')}
        </ReasonButton>
        <ReasonButton
          reason={job.can_cancel ? null : t('It cannot be turned back any more.')}
          variant="link"
          isDanger
          onClick={() => void cancelJob(job.id).catch((error: unknown) => setProblem(problemOf(error)))}
        >
          {t('Cancel the move')}
        </ReasonButton>
      </div>
      {seen.post_copy_allowed ? <p className="qd-dim">{t('After post-copy there is no way back: if the network breaks, it stands still until that is mended; if one of the hosts ends, it is lost as after a power cut.')}</p> : null}
    </form>
  );
}
