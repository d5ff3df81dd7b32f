/**
 * The language of the filter box, free of any machine: `state:running host:local tag:web mem>2G cpu>50 name:web* -tag:old`.
 * Words are joined by "and"; `-` means not; `a,b` after a colon means either; `*` stands for anything; quotes keep blanks.
 */
interface Term {
  not: boolean;
  /** Qualifier before the operator; null for free text. */
  field: string | null;
  operator: ':' | '>' | '<' | '>=' | '<=' | '=';
  value: string;
}

const TERM = /(-)?(?:([a-z]+)(>=|<=|[:><=]))?("[^"]*"?|\S*)/giy;

export function parseFilter(text: string): Term[] {
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  const source = text.trim();
  while (TERM.lastIndex < source.length) {
    const match = TERM.exec(source);
    if (!match || match[0] === '') break;
    const [, not, field, operator, quoted = ''] = match;
    const value = quoted.replace(/^"|"$/g, '');
    if (value !== '' || field) {
      terms.push({ not: not !== undefined, field: field?.toLowerCase() ?? null, operator: (operator ?? ':') as Term['operator'], value });
    }
    while (source[TERM.lastIndex] === ' ') TERM.lastIndex += 1;
  }
  return terms;
}

/** What a kind of row offers to the filter. */
export interface FilterFields<Row> {
  /** Texts that a word without qualifier is looked for in; a piece is enough. */
  free: (row: Row) => (string | null | undefined)[];
  /** Names and the like, of which a piece is enough: `os:debian`. */
  pieces: Record<string, (row: Row) => (string | null | undefined)[]>;
  /** Words of a list, to be given in full: `state:running`. */
  texts: Record<string, (row: Row) => (string | null | undefined)[]>;
  numbers: Record<string, { of: (row: Row) => number | null | undefined; parse: (text: string) => number | undefined }>;
}

/** A function that says whether a row fits; and the words that nobody understands, to be shown to the user. */
export function compileFilter<Row>(text: string, fields: FilterFields<Row>): { fits: (row: Row) => boolean; unknown: string[] } {
  const unknown: string[] = [];
  const tests = parseFilter(text).map((term) => {
    const test = compileTerm(term, fields);
    if (!test) unknown.push(`${term.field}${term.operator}${term.value}`);
    return test && term.not ? (row: Row) => !test(row) : test;
  });
  return { fits: (row) => tests.every((test) => !test || test(row)), unknown };
}

function compileTerm<Row>(term: Term, fields: FilterFields<Row>): ((row: Row) => boolean) | null {
  const { field, operator, value } = term;
  if (field === null) {
    const fits = textTest(`*${value}*`);
    return (row) => fields.free(row).some((text) => !!text && fits(text));
  }
  // A qualifier just being typed does not empty the list.
  if (value === '') return () => true;
  const pieces = fields.pieces[field];
  const texts = pieces ?? fields.texts[field];
  if (texts && (operator === ':' || operator === '=')) {
    // Who gives a pattern, or "=", means the whole.
    const whole = !pieces || operator === '=' || value.includes('*');
    const tests = value.split(',').filter(Boolean).map((word) => textTest(whole ? word : `*${word}*`));
    return (row) => texts(row).some((text) => !!text && tests.some((test) => test(text)));
  }
  const number = fields.numbers[field];
  const wanted = number?.parse(value);
  if (!number || wanted === undefined) return null;
  return (row) => {
    const have = number.of(row);
    return have !== null && have !== undefined && compare(have, operator, wanted);
  };
}

/** Whole word but for `*`, without case. */
function textTest(pattern: string): (text: string) => boolean {
  const parts = pattern.toLowerCase().split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (text) => expression.test(text.toLowerCase());
}

function compare(have: number, operator: Term['operator'], wanted: number): boolean {
  if (operator === '>') return have > wanted;
  if (operator === '<') return have < wanted;
  if (operator === '>=') return have >= wanted;
  if (operator === '<=') return have <= wanted;
  return have === wanted;
}
