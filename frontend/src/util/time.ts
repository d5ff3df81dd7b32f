/** 75 → "1 min 15 s"; the two largest parts. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`).join(' ');
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const dateAlone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** The date so many days from now. */
export function dateIn(days: number, now = new Date()): string {
  return dateAlone.format(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days));
}

/** Time of day for today, date and time for anything else. */
export function formatTime(iso: string | null | undefined, now = new Date()): string {
  if (!iso) return '–';
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return (time.toDateString() === now.toDateString() ? clock : dateAndClock).format(time);
}

/** Seconds between two ISO times; until now when the second is missing. */
export function secondsBetween(start: string | null | undefined, end: string | null | undefined): number | null {
  if (!start) return null;
  const until = end ? Date.parse(end) : Date.now();
  return Math.max(0, (until - Date.parse(start)) / 1000);
}
