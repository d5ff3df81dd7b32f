import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { outcomeOf } from '../../api/actions';
import { exchange, problemOf } from '../../api/client';
import { followJob, useJob } from '../../api/jobs';
import type { Job, Problem } from '../../api/types';

export interface Create {
  create: (body: Record<string, unknown>) => Promise<void>;
  /** While the server works on it. */
  job: Job | null;
  problem: Problem | null;
  /** What was refused is being mended. */
  forget: () => void;
  busy: boolean;
  /** UUIDs of the machines that were made. */
  created: string[];
}

/** Makes the machine, at once or by a job, or several, and tells their UUIDs. */
export function useCreate(host: string): Create {
  const cache = useQueryClient();
  const [id, setId] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [created, setCreated] = useState<string[]>([]);
  const job = useJob(id);
  const create = async (body: Record<string, unknown>) => {
    setBusy(true);
    setProblem(null);
    setId(null);
    try {
      const answer = await exchange<unknown>('POST', '/hosts/{host}/domains', { path: { host }, body });
      const outcome = outcomeOf(cache, answer.status, answer.data);
      if (outcome.job) setId(outcome.job.id);
      const made = outcome.job ? (await followJob(cache, outcome.job.id)).result : outcome.data;
      const { uuid, all } = made as { uuid: string; all?: { uuid: string }[] };
      setCreated(all?.map((each) => each.uuid) ?? [uuid]);
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  const forget = () => setProblem(null);
  return { create, job: job && busy ? job : null, problem, forget, busy, created };
}
