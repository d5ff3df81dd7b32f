import { Button } from '@patternfly/react-core';
import { Link } from 'react-router';
import { PageHeader } from '../components/PageHeader';
import { EmptyPage } from '../components/Pages';
import { paths } from '../paths';
import { t } from '../util/i18n';

export default function NotFoundPage() {
  return (
    <>
      <PageHeader title={t('Page not found')} />
      <EmptyPage
        title={t('There is no such page')}
        actions={<Button component={(props) => <Link {...props} to={paths.machines} />}>{t('Go to the machines')}</Button>}
      >
        {t('The address may be from an older version, or mistyped.')}
      </EmptyPage>
    </>
  );
}
