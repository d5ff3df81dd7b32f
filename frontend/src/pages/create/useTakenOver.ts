import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import type { ConvertResult } from '../../api/appliances';
import { problemOf } from '../../api/client';
import { queries } from '../../api/queries';
import { systemQueries } from '../../api/systems';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';
import { EMPTY, takeOver, type Draft } from './draft';

/** Fills the form with the machine of another product that the job in the address has taken over. */
export function useTakenOver(onDraft: (draft: Draft) => void): void {
  const [search] = useSearchParams();
  const cache = useQueryClient();
  const id = search.get('taken');
  useEffect(() => {
    if (!id) return undefined;
    let wanted = true;
    const read = async () => {
      const job = await cache.fetchQuery(queries.job(id));
      const create = (job.result as unknown as ConvertResult | null)?.create;
      if (!create) return;
      const systems = create.os ? await cache.fetchQuery(systemQueries.search(job.host, create.os, true)) : [];
      const taken = takeOver(create, systems.find((system) => system.short_id === create.os) ?? null);
      if (wanted) onDraft({ ...EMPTY, host: job.host, ...taken });
    };
    read().catch((error: unknown) => toast.problem(t('What was taken over could not be read'), problemOf(error)));
    return () => {
      wanted = false;
    };
  }, [id, cache, onDraft]);
}
