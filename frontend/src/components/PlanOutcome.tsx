import type { ComponentProps } from 'react';
import type { Plan, Problem } from '../api/types';
import { LoadingPage } from './Pages';
import { ProblemAlert } from './ProblemAlert';
import { PlanView } from './ShowMe';

interface Props {
  plan: Plan | undefined;
  problem: Problem | null;
  pending: boolean;
  api: ComponentProps<typeof PlanView>['api'];
}

/** What a change would do, why it cannot be, or that it is being worked out. */
export function PlanOutcome({ plan, problem, pending, api }: Props) {
  return (
    <>
      {problem ? <ProblemAlert problem={problem} /> : null}
      {pending ? <LoadingPage /> : null}
      {plan ? <PlanView plan={plan} api={api} /> : null}
    </>
  );
}
