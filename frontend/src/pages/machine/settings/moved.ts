/** The list with one entry moved to another place. */
export function moved(list: string[], from: number, to: number): string[] {
  if (to < 0 || to >= list.length || from === to) return list;
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), list[from] ?? '', ...rest.slice(to)];
}
