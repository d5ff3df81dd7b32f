import { Button } from '@patternfly/react-core';
import { t } from '../util/i18n';

/** The last button of a dialog: nothing is done. */
export function CancelButton({ onClick }: { onClick: () => void }) {
  return (
    <Button variant="link" onClick={onClick}>
      {t('Cancel')}
    </Button>
  );
}
