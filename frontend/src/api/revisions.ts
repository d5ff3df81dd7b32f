import type { Changed, DomainSummary } from './types';

/** The list after the changes; rows that did not change stay the same objects, so that they are not drawn again. */
export function applyChanges(rows: DomainSummary[], changes: Changed[]): DomainSummary[] {
  const byId = new Map(rows.map((row) => [row.uuid, row]));
  for (const { id, value, revision } of changes) {
    const known = byId.get(id);
    if (!value) byId.delete(id);
    else if (!known || known.revision < revision) byId.set(id, { ...(value as DomainSummary), revision });
  }
  return [...byId.values()];
}

/** A list just read, but for the rows of which a newer event came while it was on its way. A host that is lost or back
 * changes its rows, not their revisions. */
export function keepNewer(old: DomainSummary[] | undefined, read: DomainSummary[]): DomainSummary[] {
  if (!old) return read;
  const byId = new Map(old.map((row) => [row.uuid, row]));
  return read.map((row) => {
    const known = byId.get(row.uuid);
    const same = known?.revision === row.revision && known.last_seen === row.last_seen;
    return known && (same || known.revision > row.revision) ? known : row;
  });
}
