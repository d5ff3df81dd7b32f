import { queryOptions } from '@tanstack/react-query';
import { call } from '../../../api/client';
import { DOMAIN } from '../change';

/** A definition that a machine had. `user` null: changed outside Quarterdeck. */
export interface Definition {
  id: number;
  time: string;
  name: string;
  user: string | null;
  act: string | null;
  /** What it changed of the one before. */
  diff: string;
  current: boolean;
}

export interface DefinitionText extends Definition {
  xml: string;
}

/** The `etag` in the key reads the list anew after each change. */
export const definitions = (host: string, uuid: string, etag: string) =>
  queryOptions({
    queryKey: ['history', host, uuid, etag],
    queryFn: ({ signal }) => call<Definition[]>('GET', `${DOMAIN}/history`, { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
  });

/** A kept definition never changes. */
export const definition = (host: string, uuid: string, id: number) =>
  queryOptions({
    queryKey: ['history-entry', host, uuid, id],
    queryFn: ({ signal }) => call<DefinitionText>('GET', `${DOMAIN}/history/{id}`, { path: { host, uuid, id }, signal }),
  });
