import { describe, expect, it } from 'vitest';
import { formatBytes, formatMib, formatPercent, formatRate, parseSize } from './units';

describe('sizes', () => {
  it.each([[0, '0 B'], [1023, '1023 B'], [1536, '1.5 KiB'], [10 * 1024 ** 3, '10 GiB'], [123.4 * 1024 ** 2, '123 MiB'], [null, '–']])(
    'shows %s bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('shows mebibytes', () => expect(formatMib(2048)).toBe('2 GiB'));

  it.each([['2G', 2 * 1024 ** 3], ['512 MiB', 512 * 1024 ** 2], ['1.5t', 1.5 * 1024 ** 4], ['100b', 100], ['x', undefined], ['', undefined]])(
    'reads %s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it('counts a bare number in the unit given', () => expect(parseSize('20', 'G')).toBe(20 * 1024 ** 3));
});

describe('rates and shares', () => {
  it('shows an idle rate as 0', () => expect(formatRate(0.2)).toBe('0'));
  it('shows a rate', () => expect(formatRate(2048)).toBe('2 KiB/s'));
  it.each([[0.04, '0 %'], [3.14, '3.1 %'], [42.4, '42 %'], [undefined, '–']])('shows %s percent', (value, text) => expect(formatPercent(value)).toBe(text));
});
