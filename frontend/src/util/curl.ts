/** The HTTP call that does the same as a form, for scripts. */
export interface ApiCall {
  method: string;
  path: string;
  body?: unknown;
  ifMatch?: string;
}

const SECRETS = ['answer_file', 'passphrase', 'passwd', 'password', 'product_key', 'secret_value', 'user_data'];
const MASK = '*****';

/** The call to a server as a command of a POSIX shell, without what was typed as a secret. */
export function curl(origin: string, { method, path, body, ifMatch }: ApiCall): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = [`curl -X ${method} ${quote(origin + path)}`, `  -H "Authorization: Bearer $TOKEN"`];
  if (ifMatch) lines.push(`  -H ${quote(`If-Match: ${ifMatch}`)}`);
  if (body !== undefined) lines.push(`  -H 'Content-Type: application/json'`, `  -d ${quote(JSON.stringify(body, masked, 2))}`);
  return lines.join(' \\\n');
}

function masked(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return SECRETS.includes(name) ? MASK : value.replace(/(\bpasswd=)(["'])(?:(?!\2).)*\2/gs, `$1$2${MASK}$2`);
}
