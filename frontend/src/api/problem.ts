import type { Problem } from './types';

/** Text for the field at a JSON pointer (`/disks/0/size_gib`), or undefined. */
export function fieldError(problem: Problem | null | undefined, pointer: string): string | undefined {
  return problem?.errors?.find((error) => error.pointer === pointer)?.detail;
}

/** Text for the field at a JSON pointer, of what lies below it too: an entry of a list that is one field. */
export function errorWithin(problem: Problem | null | undefined, pointer: string): string | undefined {
  return problem?.errors?.find((error) => isUnder([error.pointer], [pointer]))?.detail;
}

/** Whether one of these pointers is among the others, or lies below one. */
export const isUnder = (pointers: readonly string[], others: readonly string[]): boolean => pointers.some((pointer) => others.some((one) => pointer === one || pointer.startsWith(`${one}/`)));

/** Whether somebody changed the object since the version that a change was made from. */
export const isChangedMeanwhile = (problem: Problem | null | undefined): boolean => problem?.type.endsWith('/changed-meanwhile') ?? false;

/** Whether a value that came over the socket says that something was refused. */
export function isProblem(value: unknown): value is Problem {
  const type = value instanceof Object && 'type' in value ? value.type : null;
  return typeof type === 'string' && type.startsWith('/problems/');
}
