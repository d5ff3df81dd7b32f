import { problemOf } from './client';
import type { Problem } from './types';

/** What the server said: what was asked for, or why not. */
export interface Answered<T> {
  found: T | undefined;
  problem: Problem | null;
}

/** A refusal as an answer too: as an error of its query it would go from its field while the next answer is awaited, and come back. */
export async function answered<T>(asked: Promise<T>, signal: AbortSignal): Promise<Answered<T>> {
  try {
    return { found: await asked, problem: null };
  } catch (error) {
    if (signal.aborted) throw error;
    return { found: undefined, problem: problemOf(error) };
  }
}
