import { PageHeader } from '../../components/PageHeader';
import { t } from '../../util/i18n';

export default function NewMachinePage() {
  return <PageHeader title={t('New machine')} />;
}
