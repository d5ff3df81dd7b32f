import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { t } from '../../../util/i18n';
import type { TabProps } from '../MachinePage';
import { Definitions } from './Definitions';
import { MachineAudit } from './MachineAudit';
import { MachineJobs } from './MachineJobs';

/** Every definition the machine had with a way back, and what was done to it. */
export default function HistoryTab({ domain }: TabProps) {
  return (
    <div className="qd-stack">
      <Card isCompact component="section" aria-label={t('Definitions')}>
        <CardTitle component="h2">{t('Definitions')}</CardTitle>
        <CardBody>
          <Definitions domain={domain} />
        </CardBody>
      </Card>
      <Card isCompact component="section" aria-label={t('Jobs')}>
        <CardTitle component="h2">{t('Jobs')}</CardTitle>
        <CardBody>
          <MachineJobs domain={domain} />
        </CardBody>
      </Card>
      <Card isCompact component="section" aria-label={t('What was done')}>
        <CardTitle component="h2">{t('What was done')}</CardTitle>
        <CardBody>
          <MachineAudit domain={domain} />
        </CardBody>
      </Card>
    </div>
  );
}
