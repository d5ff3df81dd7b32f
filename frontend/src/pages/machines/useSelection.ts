import { useCallback, useEffect, useRef, useState } from 'react';
import type { DomainSummary } from '../../api/types';

export interface Selection {
  ids: ReadonlySet<string>;
  /** The selected machines among those given, for acts. */
  of: (domains: DomainSummary[]) => DomainSummary[];
  /** Selects or unselects one; with `range` all rows since the last one touched. */
  toggle: (uuid: string, range: boolean) => void;
  all: (on: boolean) => void;
  clear: () => void;
}

/** Which machines are selected. `shown` is the list in its order on screen, for ranges and "all". */
export function useSelection(shown: DomainSummary[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const order = useRef(shown);
  useEffect(() => {
    order.current = shown;
  });
  // Stable, because rows that do not change are not drawn again and keep the function they got.
  const toggle = useCallback((uuid: string, range: boolean) => {
    const touched = range && last.current ? between(order.current, last.current, uuid) : [uuid];
    last.current = uuid;
    setIds((old) => {
      const on = !old.has(uuid);
      const next = new Set(old);
      for (const id of touched) {
        if (on) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);
  return {
    ids,
    toggle,
    of: (domains) => domains.filter((domain) => ids.has(domain.uuid)),
    all: (on) => setIds(on ? new Set([...ids, ...shown.map((domain) => domain.uuid)]) : new Set()),
    clear: () => setIds(new Set()),
  };
}

function between(shown: DomainSummary[], from: string, to: string): string[] {
  const ids = shown.map((domain) => domain.uuid);
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)].sort((x, y) => x - y);
  return a === undefined || b === undefined || a < 0 ? [to] : ids.slice(a, b + 1);
}
