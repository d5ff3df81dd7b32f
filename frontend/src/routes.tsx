/**
 * The whole URL tree, and the conventions of this front end in short.
 *
 * - A page is one file in pages/, loaded on demand from here. Links are built in paths.ts only.
 * - Read with useQuery(queries.X()) from api/queries.ts; write with call()/exchange() from api/client.ts inside the page or
 *   dialog; both throw ApiError, shown by <ProblemAlert problem={problemOf(error)}/>. Errors of a form stay in the form.
 * - News come by themselves: useRoom('domain:HOST:UUID') keeps the query ['domain', host, uuid] fresh. Never poll, never
 *   refetch after a change. A 202 answer: outcomeOf(cache, status, data), then followJob() where the page has to wait.
 * - Acts on machines come from the registry: useActs().act('start', [domain]); reasons from domain.actions. A control that is
 *   not allowed stays, disabled with its reason: <ReasonButton reason=...>, reasonProps(reason).
 * - A dialog of an act is a file in dialogs/, named in dialogs/index.ts; it gets {domain, onClose}.
 * - Texts: t('English sentence', {values}). Look: PatternFly first; own classes start with qd- and stand in
 *   style.css, or in the style sheet of the folder where nothing else uses them.
 * - Layers (held by eslint): util/ and components/ know no server (types are free), api/ knows no component.
 */
import { createBrowserRouter, Navigate } from 'react-router';
import { LoadingPage } from './components/Pages';
import { AppShell } from './shell/AppShell';
import { RouteError } from './shell/RouteError';

/** Turns a page module into what the router loads on demand. */
const page = (load: () => Promise<{ default: React.ComponentType }>) => async () => ({ Component: (await load()).default });

export function makeRouter() {
  return createBrowserRouter([
    { path: '/console/:host/:uuid/:type', lazy: page(() => import('./console/ConsolePage')), ErrorBoundary: RouteError, HydrateFallback: LoadingPage },
    {
      path: '/',
      Component: AppShell,
      ErrorBoundary: RouteError,
      HydrateFallback: LoadingPage,
      children: [
        {
          ErrorBoundary: RouteError,
          children: [
            { index: true, element: <Navigate to="/machines" replace /> },
            { path: 'machines', lazy: page(() => import('./pages/machines/MachinesPage')) },
            { path: 'machines/deleted', lazy: page(() => import('./pages/machines/DeletedPage')) },
            { path: 'machines/new', lazy: page(() => import('./pages/create/NewMachinePage')) },
            { path: 'hosts/:host/machines/:uuid/:tab?', lazy: page(() => import('./pages/machine/MachinePage')) },
            { path: 'hosts/:host/templates/:uuid', lazy: page(() => import('./pages/machine/TemplateVersionsPage')) },
            { path: 'hosts', lazy: page(() => import('./pages/hosts/HostsPage')) },
            { path: 'hosts/:host/protection', lazy: page(() => import('./pages/hosts/ProtectionPage')) },
            { path: 'storage', lazy: page(() => import('./pages/storage/StoragePage')) },
            { path: 'storage/:host/:pool', lazy: page(() => import('./pages/storage/PoolPage')) },
            { path: 'networks/:host/:network', lazy: page(() => import('./pages/networks/NetworkPage')) },
            { path: 'networks', lazy: page(() => import('./pages/networks/NetworksPage')) },
            { path: 'jobs/:id?', lazy: page(() => import('./pages/JobsPage')) },
            { path: 'ssh-keys', lazy: page(() => import('./pages/SshKeysPage')) },
            { path: 'tokens', lazy: page(() => import('./pages/TokensPage')) },
            { path: 'sessions', lazy: page(() => import('./pages/SessionsPage')) },
            { path: 'audit', lazy: page(() => import('./pages/AuditPage')) },
            { path: '*', lazy: page(() => import('./pages/NotFoundPage')) },
          ],
        },
      ],
    },
  ]);
}
