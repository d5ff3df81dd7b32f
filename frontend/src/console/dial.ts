import { ApiError, call, DOMAIN } from '../api/client';
import type { Target } from '../api/actions';

export type ConsoleType = 'vnc' | 'serial';

/** The address of a machine's console, good for a few seconds. Throws ApiError. */
export async function consoleAddress(target: Target, type: ConsoleType, signal: AbortSignal): Promise<string> {
  const path = { host: target.host, uuid: target.uuid };
  const { url } = await call<{ url: string }>('POST', `${DOMAIN}/consoles`, { path, body: { type }, signal });
  const address = new URL(url, location.href);
  // The same origin, whatever the answer says: the session cookie goes nowhere else.
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${location.host}${address.pathname}${address.search}`;
}

/** The socket at that address, still connecting: who listens at once misses nothing. */
export function openSocket(address: string): WebSocket {
  const socket = new WebSocket(address, ['binary']);
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** Why a console did not open, in our words: a browser does not tell a page what a refused WebSocket was answered. */
export function notOpened(reason: string): ApiError {
  return new ApiError({ type: '/problems/unreachable', title: 'The console did not open', status: 0, detail: reason });
}
