import { describe, expect, it } from 'vitest';
import { fieldTitle, pointerTitle } from './fields';

describe('what fields are called', () => {
  it.each([
    ['vcpus_max', 'maximum of vCPUs'],
    ['disk-vda', 'disk-vda'],
    ['disk-vda.detect_zeroes', 'disk-vda: detect zeroes'],
    ['interface-525400aabbcc.mtu', 'interface-525400aabbcc: MTU'],
    ['on_crash', 'on crash'],
  ])('%s is %s', (field, title) => expect(fieldTitle(field)).toBe(title));
});

describe('what the place of an error is called', () => {
  it.each([
    ['/type', 'Type'],
    ['/disks/0/size_gib', 'Disks 1, size'],
    ['/cpu/topology', 'Cpu, topology'],
    ['/install/cloud_init/network/address', 'Network, address'],
    ['/install/url', 'Address'],
    ['/install/cloud_init/network_config', 'Network configuration'],
    ['/install', 'Install'],
  ])('%s is %s', (pointer, title) => expect(pointerTitle(pointer)).toBe(title));
});
