import { expect, test } from 'vitest';
import { members, written } from './cpuset';
import { moved } from './moved';

test('a set of CPUs is read and written as libvirt does', () => {
  expect([...members('0-3,^2,8')]).toEqual([0, 1, 3, 8]);
  expect(written(new Set([8, 0, 1, 3]))).toBe('0-1,3,8');
  expect(written(members(''))).toBe('');
});

test('an entry moves to another place and nothing gets lost', () => {
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c']);
});
