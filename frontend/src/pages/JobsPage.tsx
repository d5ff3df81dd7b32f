import { PageHeader } from '../components/PageHeader';
import { t } from '../util/i18n';

export default function JobsPage() {
  return <PageHeader title={t('Jobs')} />;
}
