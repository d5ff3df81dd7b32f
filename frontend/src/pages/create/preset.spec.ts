import { expect, it } from 'vitest';
import { NO_SETTINGS } from './cloudInit';
import { EMPTY, type Draft } from './draft';
import { fromPreset, toPreset } from './preset';

it('keeps no secret and nothing that only one machine can have', () => {
  const settings = { ...NO_SETTINGS, user: 'ann', password: 'geheim', user_data: '#!', hostname: 'a' };
  const draft: Draft = { ...EMPTY, name: 'a', host: 'local', volume: { path: '/a' }, method: 'cloud_image', vcpus: 3, settings };
  const kept = toPreset(draft);
  expect(JSON.stringify(kept)).not.toMatch(/geheim|#!|"name"|host":"local|\/a/);
  expect(fromPreset(kept)).toEqual({ ...EMPTY, method: 'cloud_image', vcpus: 3, settings: { ...NO_SETTINGS, user: 'ann' } });
});
