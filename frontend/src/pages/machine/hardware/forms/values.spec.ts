import { describe, expect, it } from 'vitest';
import { bodyOf, changesOf, faultsOf, met, startOf, withoutEmpty, type FormField } from './values';

const field = (name: string, part: Partial<FormField> = {}): FormField => ({
  name,
  title: name,
  help: '',
  control: 'text',
  choices: [],
  unit: '',
  minimum: null,
  maximum: null,
  pattern: '',
  rule: '',
  default: null,
  apply: 'next_start',
  since: '',
  advanced: false,
  needed: false,
  once: false,
  when: '',
  reason: null,
  numbers: false,
  fields: [],
  ...part,
});

const FIELDS = [
  field('kind', { control: 'choice' }),
  field('port', { control: 'number', minimum: 1, maximum: 65535, when: 'kind=tcp' }),
  field('limits', { control: 'group', fields: [field('average', { control: 'number' })] }),
  field('tags', { control: 'list', numbers: true }),
];

describe('a declared form', () => {
  it('starts with what is there and gives it back unchanged', () => {
    const device = { kind: 'tcp', port: 80, limits: { average: 5 }, tags: [7, 8] };
    expect(bodyOf(FIELDS, startOf(FIELDS, device))).toEqual(device);
  });

  it('leaves out what makes no sense beside the rest', () => expect(bodyOf(FIELDS, startOf(FIELDS, { kind: 'pty', port: 80 }))).not.toHaveProperty('port'));

  it('asks for nothing where nothing was filled in', () => expect(withoutEmpty(bodyOf(FIELDS, startOf(FIELDS, null)))).toEqual({}));

  it('sends of a group what changed in it', () =>
    expect(changesOf({ limits: { average: 5, peak: null }, tags: [1] }, { limits: { average: 6, peak: null }, tags: [] })).toEqual({ limits: { average: 6 }, tags: [] }));

  it('tells an ejected medium from one that was never there', () => {
    expect(changesOf({}, { source: null }, ['source'])).toEqual({ source: null });
    expect(changesOf({}, { source: null })).toEqual({});
  });

  it('finds numbers that are none, or out of range, where they stand', () => {
    const values = { ...startOf(FIELDS, { kind: 'tcp', port: 80 }), port: '70000', tags: ['x'] };
    expect(faultsOf(FIELDS, values).map(([pointer]) => pointer)).toEqual(['/port', '/tags/0']);
  });

  it('says what is allowed there', () => {
    const path = field('Folder', { pattern: '^/', rule: 'an absolute path, for example /srv' });
    const size = field('Size', { control: 'number', minimum: 1, maximum: 64, unit: 'KiB' });
    expect(faultsOf([path, size], { Folder: 'srv', Size: 'x' }).map(([, told]) => told)).toEqual([
      'Folder must be an absolute path, for example /srv.',
      'Size must be a whole number from 1 to 64 KiB.',
    ]);
  });

  it('knows conditions by names inside groups and by yes and no', () => {
    expect(met(field('a', { when: 'limits.average=5' }), { limits: { average: 5 } })).toBe(true);
    expect(met(field('a', { when: 'auto=no' }), { auto: false })).toBe(true);
    expect(met(field('a', { when: 'tags' }), { tags: [] })).toBe(false);
  });
});
