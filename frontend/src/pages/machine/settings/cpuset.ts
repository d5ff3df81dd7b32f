/** The numbers in a set as libvirt writes it: `0-3,^2,8`. */
export function members(text: string): Set<number> {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\^)?(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (!match) continue;
    for (let number = Number(match[2]); number <= Number(match[3] ?? match[2]); number++) {
      if (match[1]) found.delete(number);
      else found.add(number);
    }
  }
  return found;
}

/** The shortest text of a set: `0-2,5`. */
export function written(numbers: Set<number>): string {
  const ordered = [...numbers].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const number of ordered) {
    const last = runs.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}
