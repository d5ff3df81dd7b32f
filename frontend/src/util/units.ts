import { t } from './i18n';

const STEPS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1536 → "1.5 KiB". Binary steps, three digits at most. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return '–';
  let value = bytes;
  let step = 0;
  while (Math.abs(value) >= 1024 && step < STEPS.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${digits(value, step)} ${STEPS[step]}`;
}

function digits(value: number, step: number): string {
  if (step === 0 || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}

/** "20" → 20. Another text stays as it is, so that the server can say what is wrong with it. */
export const wholeOr = (text: string): number | string => (/^-?\d+$/.test(text.trim()) ? Number(text) : text);

/** What is wrong with a size that was typed; NaN stands for what is none. */
export const sizeFault = (mib: number | null): string | undefined => (Number.isNaN(mib) ? t('A size is a number, such as 20 or 1.5.') : undefined);

/** 2048 → "2 GiB". */
export function formatMib(mib: number | null | undefined): string {
  return formatBytes(mib === null || mib === undefined ? mib : mib * 1024 ** 2);
}

/** Bytes per second; nothing moving is "0", so that busy rows stand out. */
export function formatRate(bytesPerSecond: number | null | undefined): string {
  if (bytesPerSecond === null || bytesPerSecond === undefined) return '–';
  return bytesPerSecond < 1 ? '0' : `${formatBytes(bytesPerSecond)}/s`;
}

export function formatPercent(percent: number | null | undefined): string {
  if (percent === null || percent === undefined) return '–';
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** "2G", "512 MiB", "1.5t" → bytes; a bare number counts in `unit`. Undefined when it is no size. */
export function parseSize(text: string, unit: 'B' | 'K' | 'M' | 'G' | 'T' = 'B'): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgtp])?(i?b)?\s*$/i.exec(text);
  if (!match?.[1]) return undefined;
  const letter = (match[2] ?? (match[3] ? 'B' : unit)).toUpperCase();
  return Number(match[1]) * 1024 ** 'BKMGTP'.indexOf(letter);
}
