import { describe, expect, it } from 'vitest';
import { formatDuration, secondsBetween } from './time';

describe('durations', () => {
  it.each([[0.25, '250 ms'], [5, '5 s'], [75, '1 min 15 s'], [3600, '1 h'], [90061, '1 d 1 h'], [null, '–'], [-1, '–']])(
    'shows %s seconds as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('measures between two times', () => expect(secondsBetween('2026-01-01T10:00:00Z', '2026-01-01T10:01:15Z')).toBe(75));
});
