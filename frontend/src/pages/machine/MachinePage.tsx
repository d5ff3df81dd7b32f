import { PageHeader } from '../../components/PageHeader';
import { t } from '../../util/i18n';

export default function MachinePage() {
  return <PageHeader title={t('Machine')} />;
}
