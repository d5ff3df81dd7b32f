import { Page, SkipToContent } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Outlet, ScrollRestoration, useLocation } from 'react-router';
import { problemOf } from '../api/client';
import { useLive, useRooms } from '../api/live';
import { queries } from '../api/queries';
import { useMedia } from '../util/useMedia';
import { Toasts } from '../components/Toasts';
import { ErrorPage, LoadingPage } from '../components/Pages';
import { t } from '../util/i18n';
import { ActsProvider } from './acts';
import { Banners } from './Banners';
import { FocusKeeper } from './FocusKeeper';
import { KeysProvider } from './Keys';
import { LoginGate } from './LoginGate';
import { AppMasthead } from './AppMasthead';
import { AppSidebar } from './AppSidebar';
import { SessionWatch } from './SessionWatch';

/** Below this PatternFly lays the sidebar over the page. */
const NARROW = '(max-width: 1199px)';

export function AppShell() {
  return (
    <LoginGate>
      <ActsProvider>
        <KeysProvider>
          <Frame />
        </KeysProvider>
      </ActsProvider>
    </LoginGate>
  );
}

function Frame() {
  const narrow = useMedia(NARROW);
  const [open, setOpen] = useState(!narrow);
  const { pathname } = useLocation();
  useLiveSession();
  // A choice in a menu that lies over the page closes it.
  const [seen, setSeen] = useState({ pathname, narrow });
  if (seen.pathname !== pathname || seen.narrow !== narrow) {
    setSeen({ pathname, narrow });
    if (narrow || seen.narrow !== narrow) setOpen(!narrow);
  }
  return (
    <Page
      masthead={<AppMasthead isNavOpen={open} onNavToggle={() => setOpen(!open)} />}
      sidebar={<AppSidebar isOpen={open} />}
      skipToContent={<SkipToContent href="#main" onClick={focusMain}>{t('Skip to content')}</SkipToContent>}
      mainContainerId="main"
      onPageResize={measure}
      isContentFilled
    >
      <Banners />
      <Content />
      <RouteAnnouncer />
      <FocusKeeper />
      <SessionWatch />
      <Toasts />
      <ScrollRestoration />
    </Page>
  );
}

/** The page that is asked for, once it is known which hosts there are: before, none could be told from not yet. */
function Content() {
  const hosts = useQuery(queries.hosts());
  if (hosts.isPending) return <LoadingPage />;
  if (!hosts.data) return <ErrorPage problem={problemOf(hosts.error)} retry={hosts.refetch} />;
  return (
    <Suspense fallback={<LoadingPage />}>
      <Outlet />
    </Suspense>
  );
}

/** The socket lives as long as the login; the shell always watches hosts and jobs. */
function useLiveSession() {
  const live = useLive();
  useEffect(() => {
    live.start();
    return () => live.stop();
  }, [live]);
  useRooms(SHELL_ROOMS);
}

const SHELL_ROOMS = ['hosts', 'jobs'];

/** PatternFly lays the sidebar over a narrow page only when somebody asks it for the width. */
const measure = () => undefined;

function focusMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** Says the new page's title to screen readers, which do not notice a change of address by themselves. */
function RouteAnnouncer() {
  const { pathname } = useLocation();
  const element = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = setTimeout(() => {
      if (element.current) element.current.textContent = document.title;
    }, 300);
    return () => clearTimeout(timer);
  }, [pathname]);
  return <div ref={element} aria-live="polite" className="pf-v6-screen-reader" />;
}
