import { useQuery, type QueryClient } from '@tanstack/react-query';
import { ApiError, call } from './client';
import { keys, queries } from './queries';
import type { Job } from './types';

export const isOver = (job: Job): boolean => job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';

/** "Migrate web1": what a job is called wherever it is shown. */
export function jobTitle(job: Job): string {
  const act = job.kind.replaceAll(/[-_.]/g, ' ');
  return `${act.charAt(0).toUpperCase()}${act.slice(1)} ${job.target_name || job.target}`.trim();
}

/** Running and recent jobs, live: the shell is always in the room `jobs`. */
export function useJobs(): Job[] {
  return useQuery(queries.jobs()).data ?? NO_JOBS;
}

const NO_JOBS: Job[] = [];

/** One job, live. */
export function useJob(id: string | null): Job | undefined {
  return useQuery({ ...queries.job(id ?? ''), enabled: id !== null }).data;
}

/** Resolves when the job is done, rejects with its problem when it failed or was cancelled. Survives a lost connection. */
export function followJob(cache: QueryClient, id: string): Promise<Job> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      const job = cache.getQueryData<Job>(keys.job(id));
      if (!job || !isOver(job)) return false;
      if (job.state === 'done') resolve(job);
      else reject(new ApiError(job.problem ?? cancelled(job)));
      return true;
    };
    if (look()) return;
    const stop = cache.getQueryCache().subscribe((event) => {
      if (event.query.queryKey[0] === 'job' && event.query.queryKey[1] === id && look()) stop();
    });
  });
}

function cancelled(job: Job) {
  return { type: '/problems/cancelled', title: 'Cancelled', status: 409, detail: job.message || 'The job was cancelled.' };
}

export function cancelJob(id: string): Promise<unknown> {
  return call('DELETE', '/jobs/{id}', { path: { id } });
}
