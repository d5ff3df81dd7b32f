import { describe, expect, it } from 'vitest';
import { changedMembers } from './changed';

describe('what a form sends', () => {
  it('is what was changed, and nothing else', () =>
    expect(changedMembers({ bus: 'sata', cache: null, source: { pool: 'a' } }, { bus: 'sata', cache: 'none', source: { pool: 'b' } })).toEqual({
      cache: 'none',
      source: { pool: 'b' },
    }));

  it('is null where a value was taken away', () => expect(changedMembers({ mtu: 9000 }, { mtu: null })).toEqual({ mtu: null }));

  it('leaves out what is undefined', () => expect(changedMembers({ size_gib: 1 }, { size_gib: undefined })).toEqual({}));
});
