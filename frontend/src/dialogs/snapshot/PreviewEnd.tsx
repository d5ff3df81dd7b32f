import { DOMAIN } from '../../api/client';
import type { DomainSummary } from '../../api/types';
import { t } from '../../util/i18n';
import { PlannedDialog } from '../PlannedDialog';

interface Props {
  domain: DomainSummary;
  /** The snapshot that is looked at. */
  name: string;
  end: 'keep' | 'drop';
  onClose: () => void;
}

/** Ends a preview: it becomes the state of the machine, or the state before comes back. */
export function PreviewEnd({ domain, name, end, onClose }: Props) {
  const title = end === 'keep' ? t('Keep the preview of {{name}}', { name }) : t('Drop the preview of {{name}}', { name });
  return (
    <PlannedDialog title={title} description={domain.name} verb={end === 'keep' ? t('Keep it') : t('Drop it')} danger change={{ method: 'POST', template: `${DOMAIN}/snapshot-preview/${end}`, path: { host: domain.host, uuid: domain.uuid } }} done={`${domain.name}: ${title}`} onClose={onClose}>
      {() => <p>{end === 'keep' ? t('The machine stays as it is now; the state before the preview is given up.') : t('The machine is again what it was before the preview; what was done since is lost.')}</p>}
    </PlannedDialog>
  );
}
