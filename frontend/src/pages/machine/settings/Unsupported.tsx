import { Alert } from '@patternfly/react-core';
import { t } from '../../../util/i18n';

/** Said before anything is written; the plan says it of each change. */
export const Unsupported = () => (
  <Alert className="qd-order" variant="warning" isInline title={t('QEMU gets these without a look from libvirt')} component="p">
    {t('The machine counts as tainted, may fail to start or to move, and nobody supports what they do.')}
  </Alert>
);
