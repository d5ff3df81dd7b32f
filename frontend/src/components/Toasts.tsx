import { Alert, AlertActionCloseButton, AlertActionLink, AlertGroup } from '@patternfly/react-core';
import { useSyncExternalStore, type ReactNode } from 'react';
import type { Problem } from '../api/types';
import { ProblemAlert } from './ProblemAlert';
import { t } from '../util/i18n';

/** What can still be done about what a toast tells, such as undoing it. */
export interface ToastAction {
  label: string;
  run: () => void;
}

interface Toast {
  id: number;
  variant: 'success' | 'info' | 'warning' | 'danger';
  title: string;
  body?: ReactNode;
  problem?: Problem;
  action?: ToastAction | undefined;
}

/** What is on screen now. One list for the page: a toast outlives the view that raised it. */
class ToastStore {
  private toasts: Toast[] = [];
  private next = 1;
  private readonly listeners = new Set<() => void>();

  readonly on = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly get = (): Toast[] => this.toasts;

  add(toast: Omit<Toast, 'id'>): void {
    this.set([...this.toasts.slice(-4), { ...toast, id: this.next++ }]);
  }

  remove(id: number): void {
    this.set(this.toasts.filter((toast) => toast.id !== id));
  }

  private set(toasts: Toast[]): void {
    this.toasts = toasts;
    for (const listener of this.listeners) listener();
  }
}

const store = new ToastStore();

/** Only for what this user did in this page: news of others shows where it belongs. */
export const toast = {
  success: (title: string, body?: ReactNode, action?: ToastAction) => store.add({ variant: 'success', title, body, action }),
  info: (title: string, body?: ReactNode) => store.add({ variant: 'info', title, body }),
  problem: (title: string, problem: Problem) => store.add({ variant: 'danger', title, problem }),
};

export function Toasts() {
  const toasts = useSyncExternalStore(store.on, store.get);
  return (
    <AlertGroup isToast isLiveRegion aria-label={t('Messages')}>
      {toasts.map(({ id, variant, title, body, problem, action }) => (
        <Alert
          key={id}
          variant={variant}
          title={title}
          timeout={problem || action ? 20_000 : 6_000}
          onTimeout={() => store.remove(id)}
          actionClose={<AlertActionCloseButton onClose={() => store.remove(id)} />}
          actionLinks={
            action ? (
              <AlertActionLink
                onClick={() => {
                  store.remove(id);
                  action.run();
                }}
              >
                {action.label}
              </AlertActionLink>
            ) : undefined
          }
        >
          {problem ? <ProblemAlert problem={problem} /> : body}
        </Alert>
      ))}
    </AlertGroup>
  );
}
