import { describe, expect, it } from 'vitest';
import { inMinutes, withSeconds } from './leases';

describe('lease times', () => {
  it.each([
    [7200, 120],
    [90, 1.5],
    [0, 0],
    [null, null],
  ])('%s seconds are %s minutes, and back', (lease_seconds, minutes) => {
    const [row] = inMinutes([{ lease_seconds }]);
    expect(row?.minutes).toBe(minutes);
    expect(row && withSeconds(row)).toEqual({ lease_seconds });
  });
  it('what is no number goes to the server as it was typed', () => {
    expect(withSeconds({ minutes: 'soon' as unknown as number })).toEqual({ lease_seconds: 'soon' });
  });
});
