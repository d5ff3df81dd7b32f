import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Token = Schemas['Token'];
export type NewToken = Schemas['NewToken'];
export type TokenCreate = Schemas['TokenCreate'];

export const TOKENS = '/tokens';

/** The API tokens of all accounts, without their secret. */
export const tokens = () => queryOptions({ queryKey: ['tokens'], queryFn: ({ signal }) => call<Token[]>('GET', TOKENS, { signal }) });
