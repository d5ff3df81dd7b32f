import { expect, it } from 'vitest';
import type { Resolved } from './draft';
import { noAnswers, unasked, unattended } from './answers';

const given = { ...noAnswers(), user: 'ann', password: 'p', locale: 'de-DE', timezone: 'Europe/Berlin', edition: 'Pro', answer_file: '<a/>' };

it('leaves out what is empty, and what only Windows has', () => {
  expect(unattended(given, true)).toEqual({ user: 'ann', password: 'p', locale: 'de-DE', timezone: 'Europe/Berlin', edition: 'Pro' });
  expect(unattended(given, false)).not.toHaveProperty('edition');
});

it('sends one’s own file alone', () => {
  expect(unattended({ ...given, own: true }, true)).toEqual({ locale: 'de-DE', timezone: 'Europe/Berlin', answer_file: '<a/>' });
});

it('gives a disk with a system on it answers for its first start only where that is Windows', () => {
  const windows = { family: 'winnt' } as Resolved['system'];
  expect(unattended(given, true, true)).not.toHaveProperty('edition');
  expect(unasked({ method: 'import', system: windows })).toBeNull();
  expect(unasked({ method: 'import', system: null })).toMatch(/sysprep/);
});
