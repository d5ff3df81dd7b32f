import type { Job } from '../../api/types';

/** Whether a move broke in post-copy, so that it can only go on. */
export const isBroken = (job: Job): boolean => job.problem?.type.endsWith('/post-copy-broken') ?? false;
