import { describe, expect, it } from 'vitest';
import { lineDiff } from './lineDiff';

describe('the difference of two texts', () => {
  it('is empty when they are equal', () => expect(lineDiff('a\nb', 'a\nb')).toBe(''));

  it('shows what went and what came, with lines around', () =>
    expect(lineDiff('1\n2\n3\n4\n5\n6', '1\n2\n3\nX\n5\n6', 1)).toBe('@@ -3,3 +3,3 @@\n 3\n-4\n+X\n 5'));

  it('has a block for each place', () => {
    const old = ['a', ...'123456789'.split(''), 'z'].join('\n');
    expect(lineDiff(old, old.replace('a', 'A').replace('z', 'Z'), 1).match(/@@ /g)?.length).toBe(2);
  });

  it('keeps lines that only moved apart', () => expect(lineDiff('a\nb', 'a\nnew\nb')).toBe('@@ -1,2 +1,3 @@\n a\n+new\n b'));

  it('starts from nothing', () => expect(lineDiff('', 'a')).toBe('@@ -1,1 +1,1 @@\n-\n+a'));
});
