import '@patternfly/react-core/dist/styles/base.css';
import './style.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { Live, LiveContext } from './api/live';
import { makeQueryClient } from './api/queries';
import { askAhead, watchSession } from './api/session';
import { paths } from './paths';
import { makeRouter } from './routes';

const cache = makeQueryClient();
const live = new Live(cache);
watchSession(cache);
// The page itself tells what fails.
if (['/', paths.machines].includes(location.pathname)) askAhead(cache).catch(() => undefined);
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <LiveContext value={live}>
        <RouterProvider router={makeRouter()} />
      </LiveContext>
    </QueryClientProvider>
  </StrictMode>,
);
