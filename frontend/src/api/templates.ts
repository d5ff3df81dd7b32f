import { queryOptions } from '@tanstack/react-query';
import { call, DOMAIN } from './client';
import type { components } from './schema';
import type { Domain } from './types';

export type TemplateVersion = components['schemas']['TemplateVersion'];

export const VERSIONS = `${DOMAIN}/template/versions`;

/** The versions of a template, newest first. The `etag` in the key reads them anew after each change. */
export const templateVersions = ({ host, uuid, etag }: Domain) =>
  queryOptions({
    queryKey: ['template-versions', host, uuid, etag],
    queryFn: ({ signal }) => call<TemplateVersion[]>('GET', VERSIONS, { path: { host, uuid }, signal }),
    staleTime: 0,
  });
