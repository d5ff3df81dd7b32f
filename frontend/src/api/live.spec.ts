import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { putDomains, putHost, putJob } from './live';
import { keys } from './queries';
import type { Changed, DomainSummary, Host, Job } from './types';

const hostChange = (value: Partial<Host> | null): Changed => ({ kind: 'host', host: 'local', id: '', revision: 1, value });
const job = (more: Partial<Job>): Job => ({ id: 'j', state: 'running', ended: null, ...more }) as Job;

describe('news in the cache', () => {
  it('replaces a host that is known, though its event carries no id', () => {
    const cache = new QueryClient();
    cache.setQueryData(keys.hosts, [{ id: 'local', state: 'connecting' }]);
    putHost(cache, hostChange({ id: 'local', state: 'connected' }));
    putHost(cache, hostChange({ id: 'local', state: 'lost' }));
    expect(cache.getQueryData<Host[]>(keys.hosts)).toEqual([{ id: 'local', state: 'lost' }]);
    putHost(cache, hostChange(null));
    expect(cache.getQueryData(keys.hosts)).toEqual([]);
  });

  it('keeps the end of a job when the answer that announced it comes later', () => {
    const cache = new QueryClient();
    cache.setQueryData(keys.jobs, []);
    putJob(cache, job({ state: 'done', ended: '2026-01-01T00:00:00Z' }));
    putJob(cache, job({}));
    expect(cache.getQueryData<Job[]>(keys.jobs)?.map((known) => known.state)).toEqual(['done']);
  });

  it('leaves a list alone that was never read', () => {
    const cache = new QueryClient();
    putDomains(cache, 'local', [{ kind: 'domain', host: 'local', id: 'a', revision: 1, value: { uuid: 'a' } as DomainSummary }]);
    expect(cache.getQueryData(keys.domains('local'))).toBeUndefined();
  });
});
