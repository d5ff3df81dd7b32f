interface Lent {
  lease_seconds?: number | null;
}

/** Rows with the time for which an address is lent as people say it; what is no number stays as it was typed. */
export const inMinutes = <T extends Lent>(rows: readonly T[] = []) => rows.map((row) => ({ ...row, minutes: typeof row.lease_seconds === 'number' ? row.lease_seconds / 60 : row.lease_seconds }));

/** A row as the API has it. */
export function withSeconds<T extends Lent>({ minutes, ...row }: T & { minutes?: number | null | undefined }): T {
  return { ...row, lease_seconds: typeof minutes === 'number' ? minutes * 60 : (minutes ?? null) } as unknown as T;
}

/** Where the API tells what is wrong with the minutes of a row. */
export const inSeconds = (pointer: string): string => pointer.replace(/minutes$/, 'lease_seconds');
