import { describe, expect, it } from 'vitest';
import type { Job } from '../api/types';
import { jobFacts, jobWords } from './jobFacts';

const job = (kind: string, details: Record<string, unknown>, ended: string | null = null) => ({ kind, details, ended }) as unknown as Job;

describe('what a job tells of itself', () => {
  it('has words and units, and nothing that only scripts read', () => {
    const details = { disk: 'vda', total_bytes: 3 << 20, remaining_bytes: 1 << 20, rate_bytes_s: 2048, bandwidth_mib_s: 0, definition: 7, inverse: { method: 'POST' } };
    expect(jobFacts(job('disk-move', details))).toEqual([
      ['Disk', 'vda'],
      ['In all', '3 MiB'],
      ['Remaining', '1 MiB'],
      ['Rate', '2 KiB/s'],
      ['Bandwidth limit', 'none'],
    ]);
    expect(jobFacts(job('disk-move', details, '2030-01-01T12:00:00Z')).map(([label]) => label)).toEqual(['Disk', 'In all', 'Bandwidth limit']);
  });

  it('leaves the figures of a move to their place', () => {
    expect(jobFacts(job('migration', { total_bytes: 5, max_downtime_ms: 300, post_copy_allowed: false }))).toEqual([
      ['Longest pause allowed', '300 ms'],
      ['Post-copy', 'not allowed'],
    ]);
  });

  it('says what it does, or has done, in its own words or those of its kind and phase', () => {
    const words = (part: Partial<Job>) => jobWords({ ...job('take-snapshot', {}), state: 'running', phase: 'copy', message: '', ...part });
    expect(words({ message: 'Copying vda' })).toBe('Copying vda');
    expect(words({ phase: 'download' })).toBe('Downloading');
    expect(words({ state: 'failed', message: 'Taking the snapshot s1' })).toBe('Taking the snapshot s1');
    expect(words({ state: 'done', message: 'Taking the snapshot s1', result: { name: 's1' } })).toBe('Took the snapshot s1');
    expect(words({ state: 'done', kind: 'delete-snapshot', result: { deleted: ['s1', 's2'] } })).toBe('Deleted s1, s2');
    expect(words({ state: 'done', kind: 'clone', message: 'web-9 is there', result: null })).toBe('web-9 is there');
  });
});
