import { createContext, use } from 'react';

/** The field that an input stands in. */
interface Tie {
  id: string;
  /** Whether help or an error is shown below it. */
  told: boolean;
  wrong: boolean;
  needed: boolean;
}

export const FieldContext = createContext<Tie | null>(null);

/** What makes screen readers tell a field's help or error, and that it is needed, with the input that has its id. */
export function useTie(id: string | undefined): { 'aria-describedby'?: string; 'aria-required'?: true; validated?: 'error' } {
  const tie = use(FieldContext);
  if (!tie || tie.id !== id) return {};
  return { ...(tie.told ? { 'aria-describedby': `${id}-help` } : {}), ...(tie.needed ? { 'aria-required': true } : {}), ...(tie.wrong ? { validated: 'error' } : {}) };
}
