import { expect, test } from 'vitest';
import type { Snapshot } from '../../../api/snapshots';
import { branches } from './tree';

const snapshot = (name: string, parent: string | null): Snapshot => ({
  name,
  parent,
  description: null,
  current: false,
  state: 'shut_off',
  kind: 'internal',
  memory: false,
  memory_path: null,
  created: '',
  disks: [],
  size_bytes: null,
  broken: false, preview_of: null,
});

test('each stands below its parent with the number of those that grew from it', () => {
  const lines = branches([snapshot('a', null), snapshot('b', 'a'), snapshot('c', 'a'), snapshot('d', 'b'), snapshot('e', null)]);
  expect(lines.map((line) => [line.snapshot.name, line.depth, line.descendants])).toEqual([
    ['a', 0, 3],
    ['b', 1, 1],
    ['d', 2, 0],
    ['c', 1, 0],
    ['e', 0, 0],
  ]);
});

test('one whose parent is not known stands at the root', () => {
  expect(branches([snapshot('lost', 'gone')])).toHaveLength(1);
});
