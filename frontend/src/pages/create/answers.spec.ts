import { expect, it } from 'vitest';
import { noAnswers, unattended } from './answers';

const given = { ...noAnswers(), user: 'ann', password: 'p', locale: 'de-DE', timezone: 'Europe/Berlin', edition: 'Pro', answer_file: '<a/>' };

it('leaves out what is empty, and what only Windows has', () => {
  expect(unattended(given, true)).toEqual({ user: 'ann', password: 'p', locale: 'de-DE', timezone: 'Europe/Berlin', edition: 'Pro' });
  expect(unattended(given, false)).not.toHaveProperty('edition');
});

it('sends one’s own file alone', () => {
  expect(unattended({ ...given, own: true }, true)).toEqual({ locale: 'de-DE', timezone: 'Europe/Berlin', answer_file: '<a/>' });
});
