import { Banner, Button } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useConnection } from '../api/live';
import { useHosts } from '../api/queries';
import { useSession } from '../api/session';
import { paths } from '../paths';
import { t } from '../util/i18n';

/** A short break is no news: the socket comes back within a second when a proxy restarts. */
const PATIENCE_MS = 2000;

/** What the user has to know whatever page is open: no connection, a host that is gone, demo. */
export function Banners() {
  const connection = useConnection();
  const session = useSession().data;
  const away = useLasting(connection === 'lost' && session !== null, PATIENCE_MS);
  const lost = useHosts().filter((host) => host.state === 'lost' || host.state === 'refused');
  return (
    <div role="status">
      {away ? (
        <Banner status="danger">
          {t('No connection to Quarterdeck. What you see may be old; it comes back by itself.')}{' '}
          <Button variant="link" isInline onClick={() => location.reload()}>
            {t('Try now')}
          </Button>
        </Banner>
      ) : null}
      {lost.map((host) => (
        <Banner key={host.id} status="warning">
          {host.state === 'lost'
            ? t('Host {{name}} cannot be reached. Its machines run on; Quarterdeck keeps trying.', { name: host.name })
            : t('Host {{name}} refuses the connection.', { name: host.name })}{' '}
          <Link to={paths.hosts}>{t('Why')}</Link>
        </Banner>
      ))}
      {session?.demo ? <Banner color="blue">{t('Demo: a made-up host. Nothing here is real, nothing is kept.')}</Banner> : null}
    </div>
  );
}

/** True once `value` has been true for that long. */
function useLasting(value: boolean, milliseconds: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!value) return;
    const timer = setTimeout(() => setLasting(true), milliseconds);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [value, milliseconds]);
  return lasting;
}
