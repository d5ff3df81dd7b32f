import { describe, expect, it } from 'vitest';
import { applyChanges, keepNewer } from './revisions';
import type { Changed, DomainSummary } from './types';

const row = (uuid: string, revision: number, name = uuid) => ({ uuid, revision, name }) as DomainSummary;
const change = (id: string, revision: number, value: unknown): Changed => ({ kind: 'domain', host: 'local', id, revision, value });

describe('a list of machines and its events', () => {
  it('takes a newer value and leaves the other rows the same objects', () => {
    const rows = [row('a', 1), row('b', 1)];
    const after = applyChanges(rows, [change('a', 2, row('a', 2, 'renamed'))]);
    expect(after.map((r) => r.name)).toEqual(['renamed', 'b']);
    expect(after[1]).toBe(rows[1]);
  });

  it('ignores an event older than what is known', () => {
    expect(applyChanges([row('a', 5)], [change('a', 4, row('a', 4, 'old'))])[0]?.name).toBe('a');
  });

  it('adds what is new and drops what is gone', () => {
    const after = applyChanges([row('a', 1)], [change('b', 1, row('b', 1)), change('a', 2, null)]);
    expect(after.map((r) => r.uuid)).toEqual(['b']);
  });

  it('keeps an event that overtook a list on its way', () => {
    const newer = row('a', 7, 'by event');
    expect(keepNewer([newer], [row('a', 6), row('c', 1)])).toEqual([newer, row('c', 1)]);
  });

  it('takes the rows of a host that is lost or back, which have their revisions still', () => {
    const here = row('a', 7);
    const away = { ...here, last_seen: '2026-01-01T00:00:00Z' };
    expect(keepNewer([here], [away])).toEqual([away]);
    expect(keepNewer([away], [here])).toEqual([here]);
  });
});
