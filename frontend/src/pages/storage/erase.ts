import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client';
import { storageKeys, VOLUME, type Volume } from '../../api/storage';

export const keyOf = (volume: Volume) => `${volume.host}/${volume.pool}/${volume.name}`;

/** Erases volumes one after the other. One that cannot go does not keep the others; the first refusal is thrown, with the keys of what stays told before. */
export function useErase(): (volumes: Volume[], told: (left: string[]) => void) => Promise<void> {
  const cache = useQueryClient();
  return async (volumes, told) => {
    const left: [string, unknown][] = [];
    for (const volume of topFirst(volumes)) {
      const path = { host: volume.host, pool: volume.pool, volume: volume.name };
      await call('DELETE', VOLUME, { path }).catch((error: unknown) => left.push([keyOf(volume), error]));
    }
    for (const host of new Set(volumes.map((volume) => volume.host))) await cache.invalidateQueries({ queryKey: storageKeys.pools(host) });
    told(left.map(([key]) => key));
    if (left[0]) throw left[0][1];
  };
}

/** An image goes before the one that it stands on, which is kept as long as it is there. */
function topFirst(volumes: Volume[]): Volume[] {
  const [top, ...others] = [...volumes].sort((one, other) => Number(isBelow(one, volumes)) - Number(isBelow(other, volumes)));
  return top ? [top, ...topFirst(others)] : [];
}

const isBelow = (volume: Volume, all: Volume[]) => all.some((other) => other.backing === volume.path);
