import type { Snapshot } from '../../../api/snapshots';

export interface Branch {
  snapshot: Snapshot;
  depth: number;
  /** How many grew from it, in all generations. */
  descendants: number;
}

/** The snapshots as a tree written in lines: each below its parent, the older first. */
export function branches(snapshots: readonly Snapshot[]): Branch[] {
  const names = new Set(snapshots.map((each) => each.name));
  const grown = (parent: string | null, depth: number): Branch[] =>
    snapshots
      .filter((each) => (each.parent !== null && names.has(each.parent) ? each.parent : null) === parent)
      .flatMap((snapshot) => {
        const below = grown(snapshot.name, depth + 1);
        return [{ snapshot, depth, descendants: below.length }, ...below];
      });
  return grown(null, 0);
}
