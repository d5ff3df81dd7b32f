import { ApiError, call } from '../api/client';
import type { Target } from '../api/actions';

export type ConsoleType = 'vnc' | 'serial';

/** Asks for the address of a machine's console and opens it. The socket may still be connecting. Throws ApiError. */
export async function dial(target: Target, type: ConsoleType, signal: AbortSignal): Promise<WebSocket> {
  const path = { host: target.host, uuid: target.uuid };
  const { url } = await call<{ url: string }>('POST', '/hosts/{host}/domains/{uuid}/consoles', { path, body: { type }, signal });
  const address = new URL(url, location.href);
  // The same origin, whatever the answer says: the session cookie goes nowhere else.
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}${address.pathname}${address.search}`, ['binary']);
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** Why a console did not open, in our words: a browser does not tell a page what a refused WebSocket was answered. */
export function notOpened(reason: string): ApiError {
  return new ApiError({ type: '/problems/unreachable', title: 'The console did not open', status: 0, detail: reason });
}
