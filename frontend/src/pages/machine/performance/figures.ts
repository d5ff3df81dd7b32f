import type { DomainStats, HostStats } from '../../../api/types';

/** One moment: seconds since 1970, and the figures then; null marks a time when nobody measured. */
export interface Point {
  time: number;
  stats: DomainStats | null;
}

/** Longer than the time between two samples, shorter than any pause that a reader should see as one. */
const GAP_SECONDS = 8;

/** As many as the server keeps: ten minutes. */
export const KEPT_SECONDS = 600;

/** The points with another sample behind them, in order of time, without those that are too old. */
export function withSample(points: Point[], sample: HostStats, uuid: string): Point[] {
  const stats = sample.domains[uuid];
  const time = Date.parse(sample.time) / 1000;
  const last = points.at(-1);
  if (!stats || !Number.isFinite(time) || (last && last.time >= time)) return points;
  const gap: Point[] = last && time - last.time > GAP_SECONDS ? [{ time: (last.time + time) / 2, stats: null }] : [];
  const kept = points.filter((point) => point.time > time - KEPT_SECONDS);
  return [...kept, ...gap, { time, stats }];
}

export function fromHistory(samples: HostStats[], uuid: string): Point[] {
  return samples.reduce((points, sample) => withSample(points, sample, uuid), [] as Point[]);
}
