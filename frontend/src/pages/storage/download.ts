/** The name that a volume gets from an address: what stands after its last slash, without the ending of what is unpacked. */
export function nameOf(url: string): string {
  const path = /^(?:https?|ftp):\/\/[^/?#]+([^?#]*)/.exec(url.trim())?.[1] ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1).replace(/\.(xz|gz|bz2)$/, '');
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

const KINDS: Record<number, string> = { 64: 'sha256', 128: 'sha512' };

/** A checksum as the API takes it. Publishers give bare digits, with the file's name behind, or `sha256:` before them. */
export function checksumOf(text: string): string | null {
  const words = text.trim();
  if (words === '') return null;
  const digits = /^([0-9a-f]+)(\s|$)/i.exec(words)?.[1];
  const kind = digits && KINDS[digits.length];
  return kind ? `${kind}:${digits}` : words;
}
