import { Card, CardBody, CardTitle } from '@patternfly/react-core';
import { t } from '../../../util/i18n';
import type { TabProps } from '../MachinePage';
import { Facts } from './Facts';
import { Findings } from './Findings';
import { LiveFigures } from './LiveFigures';
import { Notes } from './Notes';
import { Screen } from './Screen';

/** How the machine does, what is wrong or worth doing, and what it is. */
export default function OverviewTab({ domain }: TabProps) {
  return (
    <div className="qd-overview">
      <div className="qd-overview-side">
        <Screen domain={domain} />
        <LiveFigures domain={domain} />
      </div>
      <div className="qd-overview-main">
        <Findings domain={domain} />
        <Card isCompact component="section" aria-label={t('Facts')}>
          <CardTitle component="h2">{t('Facts')}</CardTitle>
          <CardBody>
            <Facts domain={domain} />
          </CardBody>
        </Card>
        <Card isCompact component="section" aria-label={t('Notes')}>
          <CardTitle component="h2">{t('Notes')}</CardTitle>
          <CardBody>
            <Notes domain={domain} />
          </CardBody>
        </Card>
      </div>
    </div>
  );
}
