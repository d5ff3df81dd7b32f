import { describe, expect, it } from 'vitest';
import { LAYOUTS } from './layouts';
import { planTyping, press, typeStrokes } from './typing';

const layout = (id: string) => {
  const found = LAYOUTS.find((known) => known.id === id);
  if (!found) throw new Error(id);
  return found;
};

/** What a guest sees: keys with a sign for press and release. */
function typed(text: string, id: string): string[] {
  const seen: string[] = [];
  for (const stroke of planTyping(text, layout(id)).strokes) press(stroke, (_, code, down) => seen.push(`${down ? '+' : '-'}${code}`));
  return seen;
}

describe('typing a text into a guest', () => {
  it('holds shift for capitals', () => {
    expect(typed('aB', 'us')).toEqual(['+KeyA', '-KeyA', '+ShiftLeft', '+KeyB', '-KeyB', '-ShiftLeft']);
  });

  it('uses the keys of the layout that the guest has', () => {
    expect(typed('z', 'us')).toEqual(['+KeyZ', '-KeyZ']);
    expect(typed('z', 'de')).toEqual(['+KeyY', '-KeyY']);
    expect(typed('@', 'de')).toEqual(['+AltRight', '+KeyQ', '-KeyQ', '-AltRight']);
    expect(typed('1', 'fr')).toEqual(['+ShiftLeft', '+Digit1', '-Digit1', '-ShiftLeft']);
  });

  it('follows a dead key with a space', () => {
    expect(typed('^', 'de')).toEqual(['+Backquote', '-Backquote', '+Space', '-Space']);
  });

  it('types every printable character of ASCII on each layout', () => {
    const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
    for (const known of LAYOUTS) expect(planTyping(`${ascii}\n\t`, known).missing, known.id).toEqual([]);
  });

  it('names what the layout has no key for', () => {
    expect(planTyping('naïve ☃ ☃', layout('us')).missing).toEqual(['ï', '☃']);
  });

  it('stops when told', async () => {
    const stop = new AbortController();
    let done = 0;
    await typeStrokes(planTyping('abcdef', layout('us')).strokes, () => undefined, {
      perSecond: 10_000,
      signal: stop.signal,
      onProgress: (count) => {
        done = count;
        if (count === 3) stop.abort();
      },
    });
    expect(done).toBe(3);
  });
});
