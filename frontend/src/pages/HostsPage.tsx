import { PageHeader } from '../components/PageHeader';
import { t } from '../util/i18n';

export default function HostsPage() {
  return <PageHeader title={t('Hosts')} />;
}
