import type { DomainSummary } from '../../api/types';
import { t } from '../../util/i18n';
import { DeedDialog } from './DeedDialog';

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
    <DeedDialog domain={domain} title={title} verb={end === 'keep' ? t('Keep it') : t('Drop it')} danger deed={{ method: 'POST', path: `/snapshot-preview/${end}` }} onClose={onClose}>
      {() => <p>{end === 'keep' ? t('The machine stays as it is now; the state before the preview is given up.') : t('The machine is again what it was before the preview; what was done since is lost.')}</p>}
    </DeedDialog>
  );
}
