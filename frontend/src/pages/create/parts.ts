import type { Network, Pool } from '../../api/storage';
import type { Detection } from '../../api/systems';
import type { FieldError, Host, Plan, Problem } from '../../api/types';
import type { Draft, Resolved } from './draft';

/** What every section of the page gets. */
export interface SectionProps {
  draft: Draft;
  resolved: Resolved;
  set: (change: Partial<Draft>) => void;
  errors: FieldError[];
  host: Host;
  pools: Pool[];
  networks: Network[];
  detection: Detection | undefined;
  detecting: boolean;
  /** Why the medium could not be looked at. */
  unseen: Problem | null;
  /** What the form comes to, once the server has told it. */
  plan: Plan | undefined;
}
