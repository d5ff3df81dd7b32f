import { describe, expect, it } from 'vitest';
import type { DomainStats, DomainSummary } from '../../api/types';
import { asksForFigures, filterMachines } from './machineFilter';

const machine = (name: string, more: Partial<DomainSummary>): DomainSummary =>
  ({ host: 'local', uuid: name, name, title: null, description: null, tags: [], state: 'running', addresses: [], os: null, memory_mib: 1024, vcpus: 1, ...more }) as DomainSummary;

const machines = [
  machine('web1', { tags: ['web'], memory_mib: 4096, addresses: ['10.0.0.5'] }),
  machine('web2', { tags: ['web', 'old'], state: 'shut_off', autostart: true, template: true }),
  machine('db', { host: 'hv2', description: 'Customers', snapshots: 2, os: { id: 'debian12', name: 'Debian 12' } }),
];
const stats = (_: string, uuid: string) => (uuid === 'web1' ? ({ cpu_percent: 80, net_rx_bytes_s: 2e6, net_tx_bytes_s: 0 } as DomainStats) : undefined);
const names = (text: string) => filterMachines(machines, text, stats).shown.map((d) => d.name);

describe('the filter of the machines', () => {
  it.each([
    ['state:running host:local', ['web1']],
    ['state:off', ['web2']],
    ['tag:web -tag:old', ['web1']],
    ['mem>2G', ['web1']],
    ['cpu>50', ['web1']],
    ['net>1M', ['web1']],
    ['ip:10.0.*', ['web1']],
    ['ip:0.0.5', ['web1']],
    ['os:debian', ['db']],
    ['snapshots>0', ['db']],
    ['is:template', ['web2']],
    ['customers', ['db']],
    ['is:autostart', ['web2']],
  ])('%s', (text, expected) => expect(names(text)).toEqual(expected));

  it('knows when live figures decide', () => {
    expect(asksForFigures('cpu>50')).toBe(true);
    expect(asksForFigures('name:cpu1')).toBe(false);
  });
});
