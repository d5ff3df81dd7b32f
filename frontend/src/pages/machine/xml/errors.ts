export interface LineError {
  /** Counted from 1. */
  line: number;
  text: string;
}

/** How parsers name a line: "line 12, column 3", "(domain_definition):12: Opening and ending tag mismatch". */
const LINES = [/\bline (\d+)/i, /\(\w+\):(\d+):/];

/** How libvirt's schema check names what it stumbled over, the most telling first. It knows no lines. */
const NAMES: { pattern: RegExp; element: number; attribute?: number }[] = [
  { pattern: /Invalid attribute (\S+) for element (\S+)/, element: 2, attribute: 1 },
  { pattern: /Element (\S+) failed to validate attributes/, element: 1 },
  { pattern: /Did not expect element (\S+) there/, element: 1 },
  { pattern: /Extra element (\S+) in interleave/, element: 1 },
  { pattern: /Error validating value/, element: 0 },
  { pattern: /Expecting an? (?:element|attribute) \S+ in (\S+)/, element: 1 },
  { pattern: /Element (?!domain\b)(\S+) failed to validate content/, element: 1 },
];

/** Where in the text the words of a refusal point to; empty when they name no place. */
export function errorLines(messages: (string | null | undefined)[], xml: string): LineError[] {
  const words = messages.filter(Boolean).join('\n');
  const number = LINES.map((pattern) => pattern.exec(words)?.[1]).find(Boolean);
  const text = firstLine(words);
  if (number) return [{ line: Number(number), text }];
  for (const { pattern, element, attribute } of NAMES) {
    const match = pattern.exec(words);
    const name = match?.[element];
    if (!match || !name || element === 0) continue;
    const line = lineOf(xml, name, attribute === undefined ? undefined : match[attribute]);
    if (line) return [{ line, text: match[0] }];
  }
  return [];
}

function firstLine(words: string): string {
  return words.split('\n').find((line) => line.trim()) ?? '';
}

/** The only line that opens this element (with this attribute), or the last one: that is where a new one mostly is. */
function lineOf(xml: string, element: string, attribute?: string): number | null {
  const tag = new RegExp(`<${escape(element)}(?=[\\s/>])${attribute ? `[^>]*\\s${escape(attribute)}=` : ''}`);
  const found = xml.split('\n').flatMap((line, index) => (tag.test(line) ? [index + 1] : []));
  return found.at(-1) ?? null;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
