/** Unified difference of two texts by lines, with some lines around each change; empty when they are equal. */
export function lineDiff(before: string, after: string, around = 3): string {
  const old = before.split('\n');
  const now = after.split('\n');
  const edits = editsOf(old, now);
  const changed = edits.flatMap((edit, index) => (edit.sign === ' ' ? [] : [index]));
  const blocks: { start: number; end: number }[] = [];
  for (const index of changed) {
    const start = Math.max(0, index - around);
    const end = Math.min(edits.length, index + around + 1);
    const last = blocks.at(-1);
    if (last && start <= last.end) last.end = end;
    else blocks.push({ start, end });
  }
  return blocks.map(({ start, end }) => block(edits, start, end)).join('\n');
}

interface Edit {
  sign: ' ' | '-' | '+';
  line: string;
}

function block(edits: Edit[], start: number, end: number): string {
  const count = (part: Edit[], leave: string) => part.filter((edit) => edit.sign !== leave).length;
  const before = edits.slice(0, start);
  const inside = edits.slice(start, end);
  const head = `@@ -${count(before, '+') + 1},${count(inside, '+')} +${count(before, '-') + 1},${count(inside, '-')} @@`;
  return [head, ...inside.map((edit) => edit.sign + edit.line)].join('\n');
}

/** The shortest way from one list to the other, by the longest common run; ends that are equal cost nothing. */
function editsOf(old: string[], now: string[]): Edit[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const a = old.slice(head, old.length - tail);
  const b = now.slice(head, now.length - tail);
  const same = (lines: string[]): Edit[] => lines.map((line) => ({ sign: ' ', line }));
  return [...same(old.slice(0, head)), ...middle(a, b), ...same(tail ? old.slice(-tail) : [])];
}

function middle(a: string[], b: string[]): Edit[] {
  const width = b.length + 1;
  // common[i * width + j]: length of the longest common subsequence of a from i and b from j.
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      edits.push({ sign: ' ', line: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ sign: '-', line: left });
      i += 1;
    } else {
      edits.push({ sign: '+', line: right ?? '' });
      j += 1;
    }
  }
  return edits;
}
