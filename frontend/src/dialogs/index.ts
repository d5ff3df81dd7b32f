import { lazy, type ComponentType } from 'react';
import type { DomainSummary } from '../api/types';

export interface ActDialogProps {
  domain: DomainSummary;
  onClose: () => void;
}

/**
 * Acts that need more than a yes. Loaded when first opened. All other acts are run at once, or after the question that the
 * registry gives.
 */
export const actDialogs: Record<string, ComponentType<ActDialogProps>> = {
  delete: lazy(() => import('./DomainDelete')),
  clone: lazy(() => import('./DomainClone')),
  export: lazy(() => import('./DomainExport')),
  'power-cycle': lazy(() => import('./DomainPowerCycle')),
  rename: lazy(() => import('./DomainRename')),
  'move-disks': lazy(() => import('./DomainMoveDisks')),
  migrate: lazy(() => import('./DomainMigrate')),
  snapshot: lazy(() => import('./snapshot/DomainSnapshot')),
  revert: lazy(() => import('./snapshot/DomainRevert')),
  'send-key': lazy(() => import('./DomainSendKey')),
};
