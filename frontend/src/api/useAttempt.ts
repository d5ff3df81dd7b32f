import { useState } from 'react';
import { problemOf } from './client';
import type { Problem } from './types';

interface Attempt {
  /** Does what the server may refuse; never fails itself. */
  attempt: (act: () => Promise<void>) => Promise<void>;
  busy: boolean;
  /** Why the last attempt was refused. */
  problem: Problem | null;
  setProblem: (problem: Problem | null) => void;
}

/** One attempt after another: whether one goes on, and what the last came to. */
export function useAttempt(): Attempt {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
  };
  return { attempt, busy, problem, setProblem };
}
