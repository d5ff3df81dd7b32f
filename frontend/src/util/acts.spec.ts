import { describe, expect, it } from 'vitest';
import { actWords } from './acts';

describe('actWords', () => {
  it('says machine where libvirt says domain, and keeps a word that it does not know', () => {
    expect(['domain migrate', 'nwfilter edit', 'login', 'thing do so'].map(actWords)).toEqual(['Machine: migrate', 'Network filter: edit', 'Log in', 'thing: do so']);
  });
});
