import { expect, test } from 'vitest';
import { checksumOf, nameOf } from './download';

const digits = 'ab'.repeat(32);

test.each([
  ['https://a.example/x/debian.iso', 'debian.iso'],
  [' https://a.example/x/a%20b.iso?token=1#top', 'a b.iso'],
  ['ftp://a.example/disk.raw.xz', 'disk.raw'],
  ['https://a.example/%zz', '%zz'],
  ['https://a.example', ''],
  ['nonsense', ''],
])('the address %s names its volume', (url, name) => {
  expect(nameOf(url)).toBe(name);
});

test.each([
  ['', null],
  [digits, `sha256:${digits}`],
  [` ${digits}  debian.iso\n`, `sha256:${digits}`],
  [`${digits}${digits}`, `sha512:${digits}${digits}`],
  [`sha256:${digits}`, `sha256:${digits}`],
  ['abc', 'abc'],
])('the checksum %j is understood', (text, sum) => {
  expect(checksumOf(text)).toBe(sum);
});
