import type { Snapshot } from '../../../api/snapshots';

export interface Line {
  /** null where the machine's present state stands. */
  snapshot: Snapshot | null;
  /** How many branches lie between it and the trunk. */
  depth: number;
  /** How many grew from it, in all generations. */
  descendants: number;
  /** Whether nothing stands before it on its branch, or after it. */
  first: boolean;
  last: boolean;
}

/**
 * The snapshots as a tree written in lines, each below its parent. Only branches are indented: what leads to the present
 * state, else to the youngest, goes straight on, and those that branched off stand before it.
 */
export function lines(snapshots: readonly Snapshot[]): Line[] {
  const known = new Map(snapshots.map((each) => [each.name, each]));
  const parent = (each: Snapshot) => (each.parent === null ? undefined : known.get(each.parent));
  const way = new Set<Snapshot>();
  for (let at = snapshots.find((each) => each.current); at && !way.has(at); at = parent(at)) way.add(at);
  const here = (depth: number, first: boolean): Line => ({ snapshot: null, depth, descendants: 0, first, last: true });

  const grown = (snapshot: Snapshot, depth: number, first: boolean): Line[] => {
    const below = snapshots.filter((each) => parent(each) === snapshot);
    const next = snapshot.current ? undefined : (below.find((each) => way.has(each)) ?? below.at(-1));
    const aside = below.filter((each) => each !== next).flatMap((each) => grown(each, depth + 1, true));
    const on = next ? grown(next, depth, false) : snapshot.current ? [here(depth, false)] : [];
    const descendants = [...aside, ...on].filter((line) => line.snapshot).length;
    return [{ snapshot, depth, descendants, first, last: on.length === 0 }, ...aside, ...on];
  };

  const roots = snapshots.filter((each) => !parent(each)).flatMap((each) => grown(each, 0, true));
  return way.size ? roots : [here(0, true), ...roots];
}
