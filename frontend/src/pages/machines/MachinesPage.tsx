import { PageHeader } from '../../components/PageHeader';
import { t } from '../../util/i18n';

export default function MachinesPage() {
  return <PageHeader title={t('Machines')} />;
}
