import { describe, expect, it } from 'vitest';
import { cloudInit, NO_SETTINGS } from './cloudInit';

describe('first settings', () => {
  it('leave out what is empty', () => {
    expect(cloudInit({ ...NO_SETTINGS, user: 'anna', packages: 'nginx, git' })).toEqual({ user: 'anna', ssh_keys: [], packages: ['nginx', 'git'] });
  });
  it('give the keys of the library and those typed, each once', () => {
    expect(cloudInit({ ...NO_SETTINGS, keys: ['ssh-a b', 'ssh-c d'], ssh_keys: 'ssh-e f\nssh-a b' }).ssh_keys).toEqual(['ssh-a b', 'ssh-c d', 'ssh-e f']);
  });
  it('ask for a fixed address with all that belongs to it', () => {
    expect(cloudInit({ ...NO_SETTINGS, address: '192.0.2.5/24', dns: '192.0.2.2 192.0.2.3' }).network).toEqual({ address: '192.0.2.5/24', gateway: null, dns: ['192.0.2.2', '192.0.2.3'] });
  });
  it('take own user data alone', () => {
    expect(cloudInit({ ...NO_SETTINGS, own: true, user: 'anna', user_data: '#cloud-config\n' })).toEqual({ user_data: '#cloud-config\n' });
  });
});
