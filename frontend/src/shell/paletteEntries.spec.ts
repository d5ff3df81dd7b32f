import { describe, expect, it } from 'vitest';
import type { Action, DomainSummary } from '../api/types';
import { buildEntries, rank } from './paletteEntries';

const domain = (name: string, start: string | null) =>
  ({ host: 'local', uuid: name, name, title: null, tags: [], addresses: [], state: 'running', actions: { start, autostart: null } }) as unknown as DomainSummary;
const action = (id: string, title: string) => ({ id, title, group: 'power' }) as Action;

const entries = buildEntries(
  [domain('web-1', 'It is on already.'), domain('web-2', null), domain('db', null)],
  [action('start', 'Start'), action('autostart', 'Start with the host')],
);
const titles = (text: string) => rank(entries, text).map((entry) => entry.title);

describe('the palette', () => {
  it('offers pages and machines before anything is typed', () => expect(titles('')).toContain('web-1'));
  it('finds an act by verb and name, what is allowed first', () => expect(titles('start web').slice(0, 2)).toEqual(['Start web-2', 'Start web-1']));
  it('keeps what is not allowed, with its reason', () => expect(rank(entries, 'start web-1')[0]?.reason).toBe('It is on already.'));
  it('prefers the machine to acts on it', () => expect(titles('web-1')[0]).toBe('web-1'));
  it('finds a page', () => expect(['job', 'stor', 'netw'].map((text) => titles(text)[0])).toEqual(['Jobs', 'Storage', 'Networks']));
});
