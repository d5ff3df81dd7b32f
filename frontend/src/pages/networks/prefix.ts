/** 255.255.255.0 as 24; a prefix stays as it is. */
export function prefixLength(prefix: string): string {
  if (!prefix.includes('.')) return prefix;
  return String(prefix.split('.').reduce((bits, part) => bits + Number(part).toString(2).replaceAll('0', '').length, 0));
}
