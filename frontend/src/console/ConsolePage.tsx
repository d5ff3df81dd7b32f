import { Button } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { problemOf } from '../api/client';
import { useLive, useRoom, useRooms } from '../api/live';
import { queries, useHosts } from '../api/queries';
import { useSession } from '../api/session';
import type { DomainSummary } from '../api/types';
import { EmptyPage, ErrorPage, LoadingPage } from '../components/Pages';
import { Toasts } from '../components/Toasts';
import { useReadAnew } from '../pages/machine/useReadAnew';
import { ActsProvider } from '../shell/acts';
import { LoginScreen } from '../shell/Login';
import { LoginGate } from '../shell/LoginGate';
import { t } from '../util/i18n';
import { isOn } from './ConsoleCover';
import { ConsolePanel } from './ConsolePanel';
import type { ConsoleType } from './dial';

/** A console alone in its window; with `?kiosk` only the screen, which ends with the machine or the login. */
export default function ConsolePage() {
  const [search] = useSearchParams();
  const kiosk = search.has('kiosk');
  const Gate = kiosk ? KioskGate : LoginGate;
  return (
    <Gate>
      <ActsProvider>
        <Alone kiosk={kiosk} />
        <Toasts />
      </ActsProvider>
    </Gate>
  );
}

const ROOMS = ['hosts', 'jobs'];

function Alone({ kiosk }: { kiosk: boolean }) {
  const { host = '', uuid = '', type } = useParams();
  const live = useLive();
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  useRooms(ROOMS);
  useRoom(`domain:${host}:${uuid}`);
  useReadAnew(useHosts().find(({ id }) => id === host), uuid);
  const { data, error, refetch } = useQuery(queries.domain(host, uuid));
  const name = data?.name;
  useEffect(() => {
    if (name) document.title = `${name} · Quarterdeck`;
  }, [name]);
  if (error) return <ErrorPage problem={problemOf(error)} retry={refetch} />;
  if (!data) return <LoadingPage />;
  const panel = <ConsolePanel domain={data} type={type as ConsoleType} alone bare={kiosk} />;
  return (
    <main className="qd-console-page" aria-label={t('Console of {{name}}', { name: data.name })}>
      <h1 className="pf-v6-screen-reader">{data.name}</h1>
      {kiosk ? <UntilOff domain={data}>{panel}</UntilOff> : panel}
    </main>
  );
}

/** Shows the screen until the machine goes off; then the window closes. */
function UntilOff({ domain, children }: { domain: DomainSummary; children: ReactNode }) {
  const on = isOn(domain);
  const [wasOn, setWasOn] = useState(on);
  if (on && !wasOn) setWasOn(true);
  return wasOn && !on ? <Over title={t('{{name}} is off', { name: domain.name })} /> : children;
}

/** The login before a kiosk, and its end after it: nobody who comes later may log in over somebody else's screen. */
function KioskGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const [seen, setSeen] = useState(false);
  if (session.data && !seen) setSeen(true);
  if (session.isPending) return <LoadingPage />;
  if (session.data) return children;
  return seen ? <Over title={t('Your session ended')} /> : <LoginScreen />;
}

function Over({ title }: { title: string }) {
  useEffect(() => {
    // Works in a window that a page opened; others stay and say why they are empty.
    window.close();
  }, []);
  return (
    <main className="qd-console-page">
      <EmptyPage title={title} actions={<Button onClick={() => location.reload()}>{t('Begin again')}</Button>}>
        {t('This window can be closed.')}
      </EmptyPage>
    </main>
  );
}
