import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query';
import { ApiError, call, onContact, onLoggedOut, setCsrfToken } from './client';
import { keys, queries } from './queries';
import type { components } from './schema';
import type { Session } from './types';

export type SessionEntry = components['schemas']['SessionEntry'];

async function whoami(background: boolean): Promise<Session | null> {
  try {
    const session = await call<Session>('GET', '/session', { background });
    setCsrfToken(session.csrf_token);
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 401) return null;
    throw error;
  }
}

const mine = () => queryOptions({ queryKey: keys.session, queryFn: () => whoami(true), retry: false });

/** The session: undefined while it is being asked for, null when there is none. */
export function useSession() {
  return useQuery(mine());
}

/** Asks for all machines as soon as the session is known, while the page around their list is still being drawn. */
export async function askAhead(client: QueryClient): Promise<void> {
  if (!(await client.fetchQuery(mine()))) return;
  for (const host of await client.fetchQuery(queries.hosts())) {
    if (host.state === 'connected') void client.prefetchQuery(queries.domains(host.id));
  }
}

/** Whether the user's role allows it; pages show the control all the same, disabled with the reason. */
export function useCan(permission: Session['permissions'][number]): boolean {
  return useSession().data?.permissions.includes(permission) ?? false;
}

export async function login(client: QueryClient, username: string, password: string): Promise<void> {
  const session = await call<Session>('POST', '/session', { body: { username, password } });
  setCsrfToken(session.csrf_token);
  // The answer of a login may be shorter than what GET tells.
  client.setQueryData(keys.session, session.permissions ? session : await whoami(false));
  lastContact.at = Date.now();
}

/** Tells the server that the person is there, so that the session goes on. */
export async function touchSession(client: QueryClient): Promise<void> {
  client.setQueryData(keys.session, await whoami(false));
}

/** Ends this session, or with `everywhere` each session of this user, open consoles included. The page starts anew, empty. */
export async function logout(everywhere = false): Promise<void> {
  await call('DELETE', '/session', { query: { everywhere: everywhere || undefined } });
  window.location.assign('/');
}

export const SESSIONS = '/sessions';

/** Where this user is logged in, the session used last first. */
export const sessions = () => queryOptions({ queryKey: ['sessions'], queryFn: ({ signal }) => call<SessionEntry[]>('GET', SESSIONS, { signal }), staleTime: 0 });

/** Marks the session as ended when any answer says so. The cache stays: the page behind the login keeps its content. */
export function watchSession(client: QueryClient): () => void {
  return onLoggedOut(() => client.setQueryData(keys.session, null));
}

/** Milliseconds of the last answer by the server, from which the idle warning counts. */
export const lastContact = { at: Date.now() };
onContact(() => {
  lastContact.at = Date.now();
});
