import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type SshKey = Schemas['SshKeyView'];
export type MadeSshKey = Schemas['MadeSshKey'];

export const SSH_KEYS = '/ssh-keys';

/** The public keys of who is logged in. */
export const sshKeys = () => queryOptions({ queryKey: ['ssh-keys'], queryFn: ({ signal }) => call<SshKey[]>('GET', SSH_KEYS, { signal }) });
