import { Card, CardBody } from '@patternfly/react-core';
import ScreenIcon from '@patternfly/react-icons/dist/esm/icons/desktop-icon';
import { Link } from 'react-router';
import type { Domain } from '../../../api/types';
import { paths } from '../../../paths';
import { Thumbnail } from '../../../shell/Thumbnail';
import { t } from '../../../util/i18n';

/** The machine's screen as it is, a way into the console. */
export function Screen({ domain }: { domain: Domain }) {
  const reason = domain.actions['screenshot'];
  const console = paths.machine(domain.host, domain.uuid, 'console');
  return (
    <Card isCompact component="section" aria-label={t('Screen')}>
      <CardBody>
        <Link to={console} className={`qd-screen${domain.state === 'paused' ? ' qd-still' : ''}`}>
          <span className="pf-v6-screen-reader">{t('Open the console of {{name}}', { name: domain.name })}</span>
          <Thumbnail
            domain={domain}
            off={<NoPicture why={reason ?? t('No picture of its screen')} />}
            waiting={<NoPicture why={t('Reading …')} />}
          />
        </Link>
        <div className="qd-screen-acts">
          <Link to={console}>{t('Open the console')}</Link>
          <a href={paths.console(domain.host, domain.uuid)} target="_blank" rel="noreferrer">
            {t('In its own window')}
          </a>
        </div>
      </CardBody>
    </Card>
  );
}

function NoPicture({ why }: { why: string }) {
  return (
    <span className="qd-screen-none">
      <ScreenIcon aria-hidden />
      {why}
    </span>
  );
}
