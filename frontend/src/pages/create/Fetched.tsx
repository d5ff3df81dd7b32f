import { Button } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { t } from '../../util/i18n';

/** How a file comes to the host. */
export type Fetch = 'upload' | 'download';

/** A choice of volumes, and the ways to have one more among them. */
export function Fetched({ children, onFetch }: { children: ReactNode; onFetch: (how: Fetch) => void }) {
  return (
    <div className="qd-with-button">
      <div>{children}</div>
      <Button variant="secondary" onClick={() => onFetch('upload')}>
        {t('Upload…')}
      </Button>
      <Button variant="secondary" onClick={() => onFetch('download')}>
        {t('Download…')}
      </Button>
    </div>
  );
}
