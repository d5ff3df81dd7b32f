import { expect, test } from 'vitest';
import type { DomainSummary } from '../../api/types';
import { againWish, toRequest, withOptions } from './wish';

test('a move of the definition alone says nothing about memory or disks', () => {
  const wish = { destination: 'b', mode: 'offline', undefine_source: true, compressed: true, storage: 'shared', pool: 'x', start: true } as const;
  expect(toRequest(wish)).toEqual({ destination: 'b', mode: 'offline', undefine_source: true, start: true });
});

test('a machine that is off moves with its disks, and says nothing about memory', () => {
  const wish = { destination: 'b', mode: 'offline', compressed: true, storage: 'copy', pool: 'x', bandwidth_mib_s: 5, transfer_address: 'c' } as const;
  expect(toRequest(wish)).toEqual({ destination: 'b', mode: 'offline', storage: 'copy', pool: 'x', bandwidth_mib_s: 5 });
});

test('pools are named only where disks are copied', () => {
  const wish = { destination: 'b', mode: 'live', pool: 'fast', start: true, disks: [] } as const;
  expect(toRequest({ ...wish, disks: [] })).toEqual({ destination: 'b', mode: 'live' });
  expect(toRequest({ ...wish, disks: [], storage: 'copy' })).toEqual({ destination: 'b', mode: 'live', storage: 'copy', pool: 'fast', disks: [] });
});

test('what is as usual is not said', () => {
  const usual = { abort_on_error: true, compressed: false };
  const once = withOptions({ destination: 'b', mode: 'live' }, { abort_on_error: false, compressed: true }, usual);
  expect(once).toEqual({ destination: 'b', mode: 'live', abort_on_error: false, compressed: true });
  expect(withOptions(once, { abort_on_error: true, compressed: null }, usual)).toEqual({ destination: 'b', mode: 'live' });
});

test('the same is asked again, unless the machine went off meanwhile', () => {
  const machine = (state: DomainSummary['state']) => ({ state, persistent: true }) as DomainSummary;
  const earlier = { destination: 'b', mode: 'live', compressed: true, bandwidth_mib_s: 5 } as const;
  expect(againWish(machine('running'), earlier)).toEqual(earlier);
  expect(againWish(machine('shut_off'), earlier)).toMatchObject({ destination: 'b', mode: 'offline', undefine_source: true });
});
