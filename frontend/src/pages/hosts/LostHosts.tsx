import { Alert, PageSection, Title } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { Host } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';

/** The hosts that do not answer, so that nobody takes what they have for gone. */
export function LostHosts({ hosts }: { hosts: Host[] }) {
  return hosts
    .filter((host) => host.state !== 'connected')
    .map((host) => (
      <PageSection key={host.id}>
        <Title headingLevel="h2" size="lg" className="qd-storage-host">
          {host.name}
        </Title>
        <Alert variant={host.state === 'connecting' ? 'info' : 'warning'} isInline isPlain title={host.state === 'connecting' ? t('It is being connected.') : t('It does not answer, so what it has cannot be shown. It comes back here by itself.')}>
          <Link to={paths.hosts}>{t('Why, and what to do')}</Link>
        </Alert>
      </PageSection>
    ));
}
