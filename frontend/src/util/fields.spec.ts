import { describe, expect, it } from 'vitest';
import { fieldTitle } from './fields';

describe('what fields are called', () => {
  it.each([
    ['vcpus_max', 'maximum of vCPUs'],
    ['disk-vda', 'disk-vda'],
    ['disk-vda.detect_zeroes', 'disk-vda: detect zeroes'],
    ['interface-525400aabbcc.mtu', 'interface-525400aabbcc: MTU'],
    ['on_crash', 'on crash'],
  ])('%s is %s', (field, title) => expect(fieldTitle(field)).toBe(title));
});
