import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { snapshotsOf, type Snapshot } from '../../../api/snapshots';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { PreviewEnd } from '../../../dialogs/snapshot/PreviewEnd';
import { t } from '../../../util/i18n';

/** Says on every tab that the machine is in a preview, and ends that either way. */
export function PreviewNotice({ domain }: { domain: Domain }) {
  const before = useQuery({ ...snapshotsOf(domain), enabled: domain.snapshots > 0 }).data?.find((snapshot) => snapshot.preview_of !== null);
  return before ? <Notice domain={domain} before={before} /> : null;
}

/** `before` is the state that the preview came from. */
function Notice({ domain, before }: { domain: Domain; before: Snapshot }) {
  const [end, setEnd] = useState<'keep' | 'drop' | null>(null);
  const name = before.preview_of ?? '';
  return (
    <>
      <Alert
        variant="info"
        isInline
        title={t('This is a preview of {{name}}', { name })}
        actionLinks={
          <>
            <ReasonButton variant="link" isInline reason={domain.actions['snapshot']} onClick={() => setEnd('keep')}>
              {t('Keep it')}
            </ReasonButton>
            <ReasonButton variant="link" isInline reason={domain.actions['revert']} onClick={() => setEnd('drop')}>
              {t('Drop it')}
            </ReasonButton>
          </>
        }
      >
        {t('The state before is kept as {{before}} until you decide.', { before: before.name })}
      </Alert>
      {end ? <PreviewEnd domain={domain} name={name} end={end} onClose={() => setEnd(null)} /> : null}
    </>
  );
}
