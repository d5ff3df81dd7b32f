import { Alert, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { address, call } from '../../api/client';
import { queries } from '../../api/queries';
import { useCan } from '../../api/session';
import type { Host, Locking, LockingWish, Plan, Problem } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { usePlan, type Planned } from '../../api/usePlan';
import { CodeView } from '../../components/CodeView';
import { ReasonButton } from '../../components/DisabledReason';
import { PlanOutcome } from '../../components/PlanOutcome';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { useDebounced } from '../../util/useDebounced';
import { startOf, wishOf } from './locking';

const AGAIN_MS = 5_000;
const LOCKING = '/hosts/{host}/locking';

/** What would change for the wish, asked when it has stood still. */
export function useLockingPlan(host: Host, wish: LockingWish): Planned {
  const typed = useDebounced(JSON.stringify(wish), 300);
  const body = JSON.parse(typed) as LockingWish;
  const ask = (signal: AbortSignal) => call<Plan>('POST', LOCKING, { path: { host: host.id }, query: { dry_run: true }, body, signal });
  return usePlan(['locking-plan', host.id, typed], ask, useCan('host:edit'));
}

interface Props {
  host: Host;
  now: Locking;
  wish: LockingWish;
  planned: Planned;
  /** Something was changed: what the host has is to be read again. */
  onChanged: () => void;
}

/** What would change for the wish, as files and as a command; and the button that does it, where this server may. */
export function LockingPlan({ host, now, wish, planned, onChanged }: Props) {
  const mayEdit = useCan('host:edit');
  const path = { host: host.id };
  const { plan, problem } = planned;
  const { attempt, busy, problem: refused } = useAttempt();
  const apply = () =>
    attempt(async () => {
      await call('POST', LOCKING, { path, body: wish });
      toast.success(t('The protection of {{name}} is changed', { name: host.name }));
      onChanged();
    });
  const has = now.manager !== 'unknown' && now.in_force !== false && JSON.stringify(wishOf(startOf(now))) === JSON.stringify(wish);
  const command = has ? undefined : (problem as (Problem & { command?: string }) | null)?.command;
  const nothing = has || (plan && !plan.file_diff);
  // What is done by a command there tells no news.
  useQuery({ ...queries.locking(host.id), refetchInterval: command && now.manager !== 'unknown' ? AGAIN_MS : false, refetchOnWindowFocus: true });
  const reason = !mayEdit
    ? t('Your role may look, but not change hosts.')
    : nothing
      ? t('It has that already.')
      : command
        ? t('This server may not do it: run the command.')
        : problem
          ? (problem.errors?.[0]?.detail ?? problem.detail)
          : null;
  return (
    <section aria-labelledby="protection-plan" aria-live="polite">
      <Title headingLevel="h2" size="lg" id="protection-plan">
        {t('What would change')}
      </Title>
      {refused ? <ProblemAlert problem={refused} /> : null}
      {command ? (
        <>
          <Alert variant="info" isInline isPlain title={problem?.detail}>
            {problem?.cure}
          </Alert>
          <CodeView text={command} label={t('Command to run as root')} />
          <p className="qd-dim">{now.manager === 'unknown' ? t('Whether it is done, only root there can see: quarterdeck locking status') : t('Once it is done, this page shows it by itself.')}</p>
        </>
      ) : nothing ? (
        <p>{t('Nothing: {{name}} has this protection already.', { name: host.name })}</p>
      ) : (
        <PlanOutcome {...planned} api={{ method: 'POST', path: address(LOCKING, { path }), body: wish }} />
      )}
      <div className="qd-protection-act">
        <ReasonButton onClick={() => void apply()} isLoading={busy} isDisabled={busy || planned.pending} reason={reason}>
          {t('Change the protection')}
        </ReasonButton>
        {now.manager === 'sanlock' && wish.manager !== 'sanlock' ? <Alert variant="warning" isInline isPlain title={t('Leases that machines hold now stay until they are shut down.')} /> : null}
      </div>
    </section>
  );
}
