import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import { Line, SESSION_ENDED, type Link } from './line';

/** A far end that the test opens and cuts. */
class FarEnd {
  dialled = 0;
  refuse: Error | null = null;
  cut: (code: number) => void = () => undefined;

  readonly connect = async (): Promise<Link> => {
    this.dialled += 1;
    if (this.refuse) throw this.refuse;
    let cut: (code: number) => void = () => undefined;
    const closed = new Promise<number>((resolve) => (cut = resolve));
    this.cut = cut;
    return { closed, close: () => cut(1000) };
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a console connection', () => {
  let far: FarEnd;
  let line: Line;

  beforeEach(() => {
    vi.useFakeTimers();
    far = new FarEnd();
    line = new Line(far.connect);
    line.start();
  });
  afterEach(() => {
    line.stop();
    vi.useRealTimers();
  });

  it('comes back by itself after a break', async () => {
    await settle();
    expect(line.get().kind).toBe('open');
    far.cut(1006);
    await settle();
    expect(line.get()).toMatchObject({ kind: 'waiting', seconds: 0.5 });
    await vi.advanceTimersByTimeAsync(500);
    expect(line.get().kind).toBe('open');
    expect(far.dialled).toBe(2);
  });

  it('waits longer after each failure and starts short again after a good connection', async () => {
    await settle();
    for (const seconds of [0.5, 1, 2, 4]) {
      far.cut(1006);
      await settle();
      expect(line.get()).toMatchObject({ kind: 'waiting', seconds });
      await vi.advanceTimersByTimeAsync(seconds * 1000);
    }
    await vi.advanceTimersByTimeAsync(6000);
    far.cut(1006);
    await settle();
    expect(line.get()).toMatchObject({ kind: 'waiting', seconds: 0.5 });
  });

  it('tries at once when woken', async () => {
    await settle();
    far.cut(1006);
    await settle();
    line.wake();
    await settle();
    expect(line.get().kind).toBe('open');
  });

  it('stays ended when the session ended', async () => {
    await settle();
    far.cut(SESSION_ENDED);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(line.get().kind).toBe('ended');
    expect(far.dialled).toBe(1);
  });

  it('asks again where the machine was off only for the moment', async () => {
    line.stop();
    far.refuse = new ApiError({ type: '/problems/wrong-state', title: 'No', status: 409, detail: 'It is off.' });
    line.start();
    await settle();
    expect(line.get()).toMatchObject({ kind: 'waiting', seconds: 0.5 });
    far.refuse = null;
    await vi.advanceTimersByTimeAsync(500);
    expect(line.get().kind).toBe('open');
  });

  it.each([
    ['/problems/forbidden', 403],
    ['/problems/unsupported', 409],
  ])('does not ask again after %s until woken', async (type, status) => {
    line.stop();
    far.refuse = new ApiError({ type, title: 'No', status, detail: 'It cannot be.' });
    line.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(line.get().kind).toBe('refused');
    far.refuse = null;
    line.wake();
    await settle();
    expect(line.get().kind).toBe('open');
  });
});
