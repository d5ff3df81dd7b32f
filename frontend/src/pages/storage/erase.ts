import { useQueryClient } from '@tanstack/react-query';
import { call, problemOf } from '../../api/client';
import { storageKeys, VOLUME, type Volume } from '../../api/storage';
import { t } from '../../util/i18n';

export const keyOf = (volume: Volume) => `${volume.host}/${volume.pool}/${volume.name}`;

/** Erases volumes one after the other. One that is gone already is no fault, and one that cannot go does not keep the others; the first refusal is thrown, with the keys of what stays told before. */
export function useErase(): (volumes: Volume[], told: (left: string[]) => void) => Promise<void> {
  const cache = useQueryClient();
  return async (volumes, told) => {
    const left: [string, unknown][] = [];
    for (const volume of topFirst(volumes)) {
      const path = { host: volume.host, pool: volume.pool, volume: volume.name };
      await call('DELETE', VOLUME, { path }).catch((error: unknown) => {
        if (problemOf(error).status !== 404) left.push([keyOf(volume), error]);
      });
    }
    for (const host of new Set(volumes.map((volume) => volume.host))) void cache.invalidateQueries({ queryKey: storageKeys.pools(host) });
    told(left.map(([key]) => key));
    if (left[0]) throw left[0][1];
  };
}

/** An image goes before the one that it stands on, which is kept as long as it is there. */
function topFirst(volumes: Volume[]): Volume[] {
  const at = new Map(volumes.map((volume) => [`${volume.host} ${volume.path}`, volume]));
  const height = (volume: Volume | undefined, most = at.size): number => (volume && most > 0 ? 1 + height(at.get(`${volume.host} ${volume.backing}`), most - 1) : 0);
  return [...volumes].sort((one, other) => height(other) - height(one));
}

/** The machines for which a volume must stay; null where none uses it. */
export const usedBy = ({ used_by: machines }: Volume): string | null => (machines.length > 0 ? t('Used by {{machines}}. Remove it there first.', { machines: machines.join(', ') }) : null);

/** What else it must stay for, which may go together with it. */
export const neededBy = ({ needed_by: names }: Volume): string | null => (names.length > 0 ? t('Needed by {{names}}. Delete or change that first.', { names: names.join(', ') }) : null);
