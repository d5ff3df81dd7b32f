import { describe, expect, it } from 'vitest';
import type { HostStats } from '../../../api/types';
import { fromHistory, KEPT_SECONDS, withSample } from './figures';

const START = Date.parse('2026-01-01T10:00:00Z');

function sample(second: number, cpu: number): HostStats {
  const stats = { cpu_percent: cpu, memory_used_mib: 1, disk_read_bytes_s: 0, disk_write_bytes_s: 0, net_rx_bytes_s: 0, net_tx_bytes_s: 0 };
  return { host: 'local', load: null, time: new Date(START + second * 1000).toISOString(), domains: { a: stats } };
}

const cpu = (points: { stats: { cpu_percent: number } | null }[]) => points.map((point) => point.stats?.cpu_percent ?? null);

describe('figures of the charts', () => {
  it('are in order and break where nobody measured', () =>
    expect(cpu(fromHistory([sample(0, 1), sample(2, 2), sample(60, 3)], 'a'))).toEqual([1, 2, null, 3]));

  it('take no sample twice', () => {
    const points = fromHistory([sample(0, 1), sample(2, 2)], 'a');
    expect(withSample(points, sample(2, 9), 'a')).toBe(points);
  });

  it('forget what is older than ten minutes', () => {
    const points = fromHistory([sample(0, 1), sample(2, 2)], 'a');
    expect(cpu(withSample(points, sample(KEPT_SECONDS + 1, 3), 'a'))).toEqual([2, null, 3]);
  });

  it('leave out samples of others', () => expect(fromHistory([sample(0, 1)], 'b')).toEqual([]));
});
