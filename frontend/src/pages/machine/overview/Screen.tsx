import { Button, Card, CardBody } from '@patternfly/react-core';
import ScreenIcon from '@patternfly/react-icons/dist/esm/icons/desktop-icon';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { address } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { paths } from '../../../paths';
import { t } from '../../../util/i18n';

const EVERY_MS = 3000;

/** The machine's screen as it is, a way into the console. */
export function Screen({ domain }: { domain: Domain }) {
  const reason = domain.actions['screenshot'];
  const picture = usePicture(domain, reason === null);
  const console = paths.machine(domain.host, domain.uuid, 'console');
  return (
    <Card component="section" aria-label={t('Screen')} className="qd-screen-card">
      <CardBody>
        <Link to={console} className="qd-screen" aria-label={t('Open the console of {{name}}', { name: domain.name })}>
          {picture ? (
            <img src={picture} alt={t('Screen of {{name}}', { name: domain.name })} className={domain.state === 'paused' ? 'qd-still' : undefined} />
          ) : (
            <span className="qd-screen-none">
              <ScreenIcon aria-hidden />
              {reason ?? t('No picture of its screen')}
            </span>
          )}
        </Link>
        <div className="qd-screen-acts">
          <Button variant="link" isInline component={(props) => <Link {...props} to={console} />}>
            {t('Open the console')}
          </Button>
          <Button variant="link" isInline component="a" href={paths.console(domain.host, domain.uuid)} target="_blank">
            {t('In its own window')}
          </Button>
        </div>
      </CardBody>
    </Card>
  );
}

/** Address of the last picture that came; a new one every few seconds, while the page is looked at. */
function usePicture(domain: Domain, possible: boolean): string | null {
  const { host, uuid } = domain;
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (!possible) return;
    let on = true;
    let timer: ReturnType<typeof setTimeout>;
    const next = () => {
      if (document.visibilityState === 'hidden') {
        timer = setTimeout(next, EVERY_MS);
        return;
      }
      // Loaded beside the one on screen, so that nothing flickers.
      const image = new Image();
      const done = (source: string | null) => {
        if (!on) return;
        setShown(source);
        timer = setTimeout(next, EVERY_MS);
      };
      image.onload = () => done(image.src);
      image.onerror = () => done(null);
      image.src = address('/hosts/{host}/domains/{uuid}/screenshot', { path: { host, uuid }, query: { at: Date.now() } });
    };
    next();
    return () => {
      on = false;
      clearTimeout(timer);
      setShown(null);
    };
  }, [host, uuid, possible]);
  return shown;
}
