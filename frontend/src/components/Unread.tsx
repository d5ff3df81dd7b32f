import { AlertActionLink } from '@patternfly/react-core';
import type { Problem } from '../api/types';
import { t } from '../util/i18n';
import { ProblemAlert } from './ProblemAlert';

/** A part of a form that could not be read, and the way to try it again. */
export function Unread({ problem, retry }: { problem: Problem; retry: () => unknown }) {
  return <ProblemAlert problem={problem} actions={<AlertActionLink onClick={() => void retry()}>{t('Try again')}</AlertActionLink>} />;
}
