import { Button } from '@patternfly/react-core';
import { useRouteError } from 'react-router';
import { problemOf } from '../api/client';
import { ErrorPage } from '../components/Pages';
import { t } from '../util/i18n';

/** What a page shows in its place when it breaks; the rest of the shell goes on. */
export function RouteError() {
  return <ErrorPage problem={problemOf(useRouteError())} actions={<Button onClick={() => location.reload()}>{t('Load it again')}</Button>} />;
}
