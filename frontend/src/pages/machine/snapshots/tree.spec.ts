import { expect, test } from 'vitest';
import type { Snapshot } from '../../../api/snapshots';
import { lines } from './tree';

const snapshot = (name: string, parent: string | null, current = false): Snapshot => ({
  name,
  parent,
  description: null,
  current,
  state: 'shut_off',
  kind: 'internal',
  memory: false,
  memory_path: null,
  nvram_path: null,
  tpm_path: null,
  created: '',
  disks: [],
  size_bytes: null,
  broken: false, preview_of: null,
});

const told = (snapshots: Snapshot[]) =>
  lines(snapshots).map((line) => [line.snapshot?.name ?? 'here', line.depth, line.descendants, `${line.first ? 'first' : ''}${line.last ? 'last' : ''}`]);

test('what leads to the present state goes straight on, and branches stand aside before it', () => {
  expect(told([snapshot('a', null), snapshot('b', 'a'), snapshot('c', 'a', true), snapshot('d', 'b'), snapshot('e', 'c'), snapshot('f', null)])).toEqual([
    ['a', 0, 4, 'first'],
    ['b', 1, 1, 'first'],
    ['d', 1, 0, 'last'],
    ['c', 0, 1, ''],
    ['e', 1, 0, 'firstlast'],
    ['here', 0, 0, 'last'],
    ['f', 0, 0, 'firstlast'],
  ]);
});

test('a dozen in a row are not indented', () => {
  const row = Array.from({ length: 12 }, (_, n) => snapshot(`s${n}`, n ? `s${n - 1}` : null, n === 11));
  expect(lines(row).map((line) => line.depth)).toEqual(Array(13).fill(0));
});

test('one whose parent is not known stands at the root, and so does a present state that grew from none', () => {
  expect(told([snapshot('lost', 'gone')])).toEqual([
    ['here', 0, 0, 'firstlast'],
    ['lost', 0, 0, 'firstlast'],
  ]);
});
