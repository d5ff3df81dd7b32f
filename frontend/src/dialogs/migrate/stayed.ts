import type { EvacuationDetails } from '../../api/migration';
import type { Job } from '../../api/types';

/** A machine that is to go. */
export interface Leaving {
  uuid: string;
  memory_mib?: number;
}

/** The machines of a job that have not moved. */
export function stayed(job: Job): Leaving[] {
  return ((job.details as EvacuationDetails).machines ?? []).filter(({ state }) => state !== 'moved');
}
