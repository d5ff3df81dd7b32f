import { useState } from 'react';
import type { Meanwhile } from '../components/MeanwhileAlert';
import { changedMembers } from '../pages/machine/hardware/changed';

interface Versioned<V> {
  value: V;
  set: (value: V) => void;
  touched: boolean;
  /** Of the version that the value was made from. */
  etag: string | undefined;
  /** Once somebody saved another version. */
  meanwhile: Meanwhile | null;
}

/** What a form edits, with the version that it was begun from: later news change neither. `saved` is undefined where it is made anew. */
export function useVersioned<T extends { etag: string } | undefined, V extends object>(saved: T, read: (saved: T) => V): Versioned<V> {
  const [begun, setBegun] = useState<{ from: T; value: V } | null>(null);
  const { from, value } = begun ?? { from: saved, value: read(saved) };
  const changes = changedMembers(read(from) as Record<string, unknown>, value as Record<string, unknown>);
  const touched = Object.keys(changes).length > 0;
  const isOther = saved?.etag !== from?.etag || JSON.stringify(read(saved)) !== JSON.stringify(read(from));
  return {
    value,
    set: (next) => setBegun({ from, value: next }),
    touched,
    etag: from?.etag,
    meanwhile: isOther ? { keep: () => setBegun({ from: saved, value: { ...read(saved), ...changes } }), reload: () => setBegun(null) } : null,
  };
}
