import { Bullseye, Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter, Spinner } from '@patternfly/react-core';
import ErrorIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import type { ComponentType, ReactNode } from 'react';
import type { Problem } from '../api/types';
import { t } from '../util/i18n';
import { ProblemAlert } from './ProblemAlert';

/** While the first answer is on its way. */
export function LoadingPage({ text }: { text?: string }) {
  return (
    <Bullseye className="qd-fill">
      <Spinner aria-label={text ?? t('Loading')} />
    </Bullseye>
  );
}

interface EmptyProps {
  title: string;
  icon?: ComponentType;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Nothing to show, why that is, and what to do next. */
export function EmptyPage({ title, icon, children, actions }: EmptyProps) {
  return (
    <EmptyState titleText={title} headingLevel="h2" {...(icon ? { icon } : {})}>
      {children ? <EmptyStateBody>{children}</EmptyStateBody> : null}
      {actions ? (
        <EmptyStateFooter>
          <EmptyStateActions>{actions}</EmptyStateActions>
        </EmptyStateFooter>
      ) : null}
    </EmptyState>
  );
}

interface ErrorProps {
  problem: Problem;
  /** Whether only a part of a page is meant, below its title. */
  isPart?: boolean;
  /** Reads it again. */
  retry?: () => unknown;
  actions?: ReactNode;
}

/** A page that could not be read, and the way to try it again. */
export function ErrorPage({ problem, isPart = false, retry, actions = retry ? <Button onClick={() => void retry()}>{t('Try again')}</Button> : null }: ErrorProps) {
  return (
    <EmptyState titleText={isPart ? t('This could not be read') : t('This page could not be shown')} headingLevel={isPart ? 'h2' : 'h1'} icon={ErrorIcon} status="danger">
      <EmptyStateBody>
        <ProblemAlert problem={problem} />
      </EmptyStateBody>
      {actions ? <EmptyStateFooter>{actions}</EmptyStateFooter> : null}
    </EmptyState>
  );
}
