import { Alert } from '@patternfly/react-core';
import { useState } from 'react';
import type { Snapshot } from '../../../api/snapshots';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { PreviewEnd } from '../../../dialogs/snapshot/PreviewEnd';
import { t } from '../../../util/i18n';

/** Says that the machine is in a preview, and ends that either way. `before` is the state that it came from. */
export function PreviewNotice({ domain, before }: { domain: Domain; before: Snapshot }) {
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
