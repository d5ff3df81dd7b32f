import { queryOptions } from '@tanstack/react-query';
import { call, DOMAIN } from '../../../api/client';
import type { components } from '../../../api/schema';

/** A definition that a machine had. `user` null: changed outside Quarterdeck; `undo` null: it can be undone. */
export type Definition = components['schemas']['HistoryEntry'];
export type DefinitionText = components['schemas']['HistoryText'];
export type Difference = components['schemas']['Difference'];

/** The `etag` in the key reads the list anew after each change. */
export const definitions = (host: string, uuid: string, etag: string) =>
  queryOptions({
    queryKey: ['history', host, uuid, etag],
    queryFn: ({ signal }) => call<Definition[]>('GET', `${DOMAIN}/history`, { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
  });

/** What is different between two kept definitions, which never change. */
export const comparison = (host: string, uuid: string, from: number, to: number) =>
  queryOptions({
    queryKey: ['history-entry', host, uuid, from, to],
    queryFn: ({ signal }) => call<DefinitionText>('GET', `${DOMAIN}/history/{to}`, { path: { host, uuid, to }, query: { against: from }, signal }),
  });
