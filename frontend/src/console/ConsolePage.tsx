import { PageHeader } from '../components/PageHeader';
import { t } from '../util/i18n';

export default function ConsolePage() {
  return <PageHeader title={t('Console')} />;
}
