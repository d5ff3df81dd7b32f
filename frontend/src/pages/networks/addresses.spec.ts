import { describe, expect, it } from 'vitest';
import type { Network } from '../../api/storage';
import { firstAddress, freeNumber, usualRange } from './addresses';

describe('addresses of a network', () => {
  it.each([
    ['192.168.100.1', 24, '192.168.100.128', '192.168.100.254'],
    ['10.99.0.1', 22, '10.99.2.0', '10.99.3.254'],
    ['10.0.0.200', 24, '10.0.0.1', '10.0.0.127'],
    ['10.0.0.1', 8, '10.128.0.0', '10.128.255.254'],
    ['172.16.0.9', 29, '172.16.0.12', '172.16.0.14'],
  ])('DHCP gives out the other half beside %s/%d', (address, prefix, start, end) => expect(usualRange({ address, prefix })).toEqual({ start, end }));

  it.each([
    ['10.0.0.', 24],
    ['10.0.0.300', 24],
    ['10.0.0.1', 30],
    ['fd00::1', 64],
  ])('nothing beside %s/%d', (address, prefix) => expect(usualRange({ address, prefix })).toBeNull());

  it('a new network takes a number that is free', () => {
    const known = [{ ranges: [{ address: '192.168.100.1' }, { address: 'fd00:101::1' }] }] as unknown as Network[];
    expect([freeNumber([]), freeNumber(known)]).toEqual([100, 102]);
    expect(firstAddress('ipv6', 102)).toEqual({ family: 'ipv6', address: 'fd00:102::1', prefix: 64 });
  });
});
