import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { components } from './schema';

export type Preset = components['schemas']['Preset'];

export const PRESETS = '/presets';

/** What the person who is logged in kept of the form for new machines, and what others share. */
export const presets = () => queryOptions({ queryKey: ['presets'], queryFn: ({ signal }) => call<Preset[]>('GET', PRESETS, { signal }) });
