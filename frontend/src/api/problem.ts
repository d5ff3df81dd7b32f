import type { FieldError, Problem } from './types';

/** Text for the field at a JSON pointer (`/disks/0/size_gib`), or undefined. */
export function fieldError(problem: Problem | null | undefined, pointer: string): string | undefined {
  return problem?.errors?.find((error) => error.pointer === pointer)?.detail;
}

/** Errors that no field of the form shows, so that none gets lost. */
export function otherErrors(problem: Problem, shown: readonly string[]): FieldError[] {
  return (problem.errors ?? []).filter((error) => !shown.includes(error.pointer));
}

/** Whether a value that came over the socket says that something was refused. */
export function isProblem(value: unknown): value is Problem {
  const type = value instanceof Object && 'type' in value ? value.type : null;
  return typeof type === 'string' && type.startsWith('/problems/');
}
