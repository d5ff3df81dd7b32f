import { Button } from '@patternfly/react-core';
import { EmptyPage } from '../../../components/Pages';
import { paths } from '../../../paths';
import { t } from '../../../util/i18n';
import type { TabProps } from '../MachinePage';

export default function ConsoleTab({ domain }: TabProps) {
  return (
    <EmptyPage
      title={t('Console')}
      actions={
        <Button component="a" href={paths.console(domain.host, domain.uuid)} target="_blank">
          {t('Open in its own window')}
        </Button>
      }
    />
  );
}
