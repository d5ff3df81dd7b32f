import { PageHeader } from '../components/PageHeader';
import { t } from '../util/i18n';

export default function AuditPage() {
  return <PageHeader title={t('History')} />;
}
