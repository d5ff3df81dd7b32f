import '@patternfly/react-core/dist/styles/base.css';
import './style.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { Live, LiveContext } from './api/live';
import { makeQueryClient } from './api/queries';
import { watchSession } from './api/session';
import { makeRouter } from './routes';

const cache = makeQueryClient();
const live = new Live(cache);
watchSession(cache);
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
