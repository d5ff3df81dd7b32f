/** The members of `now` that differ from `before`; objects count as one. Empty when nothing was changed. */
export function changedMembers(before: Record<string, unknown>, now: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]) && value !== undefined));
}
