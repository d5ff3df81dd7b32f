import { useQueryClient } from '@tanstack/react-query';
import { createContext, lazy, Suspense, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { runAction, templateOf, useRegistry, type Target } from '../api/actions';
import { address, DOMAIN, type Method, problemOf } from '../api/client';
import { followJob } from '../api/jobs';
import { useHosts } from '../api/queries';
import type { Action, DomainSummary, Job } from '../api/types';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { toast } from '../components/Toasts';
import { undoOf, undoOfJob } from '../pages/machine/undo';
import { actDialogs } from '../dialogs';
import { BulkDialog } from '../dialogs/Bulk';
import { PlanButton } from '../dialogs/PlanButton';
import { paths } from '../paths';
import { t } from '../util/i18n';

const Evacuate = lazy(async () => ({ default: (await import('../dialogs/migrate/Evacuate')).Evacuate }));

export interface Acts {
  registry: Action[];
  /** Does an act: at once, after a question, in its own dialog or on its page. Several machines get one dialog. */
  act: (id: string, domains: DomainSummary[]) => void;
  /** Tells the user how a job that they started ends. */
  announce: (job: Job, title: string) => void;
}

const ActsContext = createContext<Acts | null>(null);

export function useActs(): Acts {
  const acts = use(ActsContext);
  if (!acts) throw new Error('No ActsProvider above this component');
  return acts;
}

interface Open {
  action: Action;
  domains: DomainSummary[];
}

export function ActsProvider({ children }: { children: ReactNode }) {
  const registry = useRegistry();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);

  const announce = useCallback(
    (job: Job, title: string) => {
      followJob(cache, job.id).then(
        (ended) => toast.success(t('{{title}}: done', { title }), undefined, undoOfJob(cache, ended)),
        (error: unknown) => toast.problem(t('{{title}}: failed', { title }), problemOf(error)),
      );
    },
    [cache],
  );

  const run = useCallback(
    async (action: Action, domain: DomainSummary) => {
      const title = `${domain.name}: ${action.title}`;
      const { job, data } = await runAction(cache, action, domain);
      if (job) announce(job, title);
      else toast.success(title, undefined, undoOf(cache, data));
    },
    [cache, announce],
  );

  const act = useCallback(
    (id: string, domains: DomainSummary[]) => {
      const action = registry.find((known) => known.id === id);
      const [first] = domains;
      if (!action || !first) return;
      if (domains.length > 1) setOpen({ action, domains });
      else if (id === 'screenshot') saveScreenshot(first);
      else if (PAGES[id]) void navigate(PAGES[id](first));
      else if (actDialogs[id] || action.confirm) setOpen({ action, domains });
      else run(action, first).catch((error: unknown) => toast.problem(`${first.name}: ${action.title}`, problemOf(error)));
    },
    [registry, navigate, run],
  );

  const value = useMemo(() => ({ registry, act, announce }), [registry, act, announce]);
  return (
    <ActsContext value={value}>
      {children}
      {open ? <OpenDialog open={open} run={run} onClose={() => setOpen(null)} /> : null}
    </ActsContext>
  );
}

/** Acts that are pages rather than dialogs. */
const PAGES: Record<string, (target: Target) => string> = {
  console: ({ host, uuid }) => paths.machine(host, uuid, 'console'),
  edit: ({ host, uuid }) => paths.machine(host, uuid, 'hardware'),
  'add-device': ({ host, uuid }) => `${paths.machine(host, uuid, 'hardware')}?add`,
};

interface OpenDialogProps {
  open: Open;
  run: (action: Action, domain: DomainSummary) => Promise<void>;
  onClose: () => void;
}

function OpenDialog({ open: { action, domains }, run, onClose }: OpenDialogProps) {
  const [domain] = domains;
  const Own = actDialogs[action.id];
  if (!domain) return null;
  if (domains.length > 1 && action.id === 'migrate') return <EvacuateOne domains={domains} onClose={onClose} />;
  if (domains.length > 1) return <BulkDialog action={action} domains={domains} onClose={onClose} />;
  if (Own) {
    return (
      <Suspense fallback={null}>
        <Own domain={domain} onClose={onClose} />
      </Suspense>
    );
  }
  return (
    <ConfirmDialog
      title={t('{{act}} {{name}}?', { act: action.title, name: domain.name })}
      verb={action.title}
      danger={action.danger}
      onConfirm={() => run(action, domain)}
      toProblem={problemOf}
      extra={<PlanButton title={action.title} method={action.method as Method} template={templateOf(action)} path={{ host: domain.host, uuid: domain.uuid }} />}
      onClose={onClose}
    >
      <p>{(action.confirm ?? '').replaceAll('{name}', domain.name)}</p>
      <p className="qd-dim">{t('On host {{host}} · {{uuid}}', { host: domain.host, uuid: domain.uuid })}</p>
    </ConfirmDialog>
  );
}

/** Machines move in one job, from the host that they share. */
function EvacuateOne({ domains, onClose }: { domains: DomainSummary[]; onClose: () => void }) {
  const host = useHosts().find((known) => known.id === domains[0]?.host);
  if (!host) return null;
  return (
    <Suspense fallback={null}>
      <Evacuate host={host} machines={domains.filter((domain) => domain.host === host.id)} onClose={onClose} />
    </Suspense>
  );
}

function saveScreenshot(domain: DomainSummary): void {
  const link = document.createElement('a');
  link.href = address(`${DOMAIN}/screenshot`, { path: { host: domain.host, uuid: domain.uuid } });
  link.download = `${domain.name}.png`;
  link.click();
}
