import './create.css';
import { Button, Form, ModalBody, ModalFooter, ModalHeader, PageSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type Dispatch, type ReactNode, type SetStateAction } from 'react';
import { useBlocker, useNavigate, useSearchParams } from 'react-router';
import { address, problemOf } from '../../api/client';
import { useRoom } from '../../api/live';
import { useLookedHost } from '../../api/looked';
import { queries, useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import { storageQueries } from '../../api/storage';
import { systemQueries, type Medium } from '../../api/systems';
import type { Host } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { leadToWrong } from '../../components/leadToWrong';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { ShowMe } from '../../components/ShowMe';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { useDebounced } from '../../util/useDebounced';
import { DevicesSection } from './DevicesSection';
import { DiskSection } from './DiskSection';
import { EMPTY, missing, resolve, toBody, treeAddress, type Draft } from './draft';
import { NameSection } from './NameSection';
import { NetworkSection } from './NetworkSection';
import type { SectionProps } from './parts';
import { readPlanned } from './planned';
import { PresetsDialog } from './PresetsDialog';
import { ResourcesSection } from './ResourcesSection';
import { SourceSection } from './SourceSection';
import { Summary } from './Summary';
import { useCreate } from './useCreate';
import { usePreview } from './usePreview';
import { useTakenOver } from './useTakenOver';

/** One page instead of steps: everything in sight, with what it comes to beside it. */
export default function NewMachinePage() {
  const [search] = useSearchParams();
  const hosts = useHosts().filter((host) => host.state === 'connected');
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [presets, setPresets] = useState(false);
  useTakenOver(setDraft);
  const [looked] = useLookedHost();
  const wanted = draft.host ?? search.get('host') ?? looked?.id;
  const host = hosts.find((known) => known.id === wanted) ?? hosts[0];
  const may = useCan('domain:create');
  return (
    <>
      <PageHeader
        title={t('New machine')}
        actions={
          <ReasonButton reason={may ? null : t('Your role may look at machines, not make them.')} variant="secondary" onClick={() => setPresets(true)}>
            {t('Presets…')}
          </ReasonButton>
        }
      />
      {presets ? <PresetsDialog draft={draft} onUse={setDraft} onClose={() => setPresets(false)} /> : null}
      {host ? (
        <CreateForm key={host.id} draft={draft} onDraft={setDraft} host={host} hosts={hosts} may={may} />
      ) : (
        <EmptyPage title={t('No host is connected')}>{t('A machine can be made as soon as one is.')}</EmptyPage>
      )}
    </>
  );
}

interface FormProps {
  draft: Draft;
  onDraft: Dispatch<SetStateAction<Draft>>;
  host: Host;
  hosts: Host[];
  may: boolean;
}

const QUIET_MS = 400;

/** What can be looked at to find the guest system. */
function sourceOf(draft: Draft, url: string): Medium | { url: string } | undefined {
  if (draft.method === 'tree') return /^((https?|ftp):\/\/[^/]|file:\/\/\/)/.test(url) ? { url } : undefined;
  if (draft.method === 'cloud_image') return draft.image;
  if (draft.method === 'import') return draft.volume;
  return (draft.method ?? 'iso') === 'iso' ? draft.medium : undefined;
}

function CreateForm({ draft, onDraft, host, hosts, may }: FormProps) {
  const navigate = useNavigate();
  useRoom(`host:${host.id}`);
  const pools = useQuery(storageQueries.pools(host.id));
  const networks = useQuery(storageQueries.networks(host.id));
  const domains = useQuery(queries.domains(host.id));
  const url = useDebounced(treeAddress(draft.url), QUIET_MS);
  const source = sourceOf(draft, url);
  const path = source && 'path' in source ? source.path : '';
  const typed = useDebounced(path, QUIET_MS);
  const medium = path === typed ? source : undefined;
  const looks = medium !== undefined;
  const detection = useQuery({ ...systemQueries.detect(host.id, medium ?? { path: '' }), enabled: looks, retry: false });
  const facts = {
    host: host.id,
    detected: looks ? (detection.data?.system ?? null) : null,
    pools: pools.data ?? [],
    networks: networks.data ?? [],
    names: (domains.data ?? []).map((domain) => domain.name),
  };
  const resolved = resolve(draft, facts);
  const lacks = missing(draft, resolved);
  const body = toBody(draft, resolved);
  const { create, job, problem, forget, busy, created } = useCreate(host.id);
  const preview = usePreview(host.id, lacks === null && pools.data && networks.data ? body : null, busy);
  const planned = preview.plan ? readPlanned(preview.plan.xml_diff) : null;
  const [showing, setShowing] = useState(false);
  const told = problem ?? preview.problem;
  const section: SectionProps = {
    draft,
    resolved,
    set: (change) => {
      forget();
      onDraft((now) => ({ ...now, ...change }));
    },
    errors: told?.errors ?? [],
    host,
    pools: facts.pools,
    networks: facts.networks,
    detection: looks ? detection.data : undefined,
    detecting: source !== undefined && (!looks || detection.isPending),
    unseen: looks && detection.error ? problemOf(detection.error) : null,
    plan: preview.plan,
  };
  useEffect(() => {
    if (created.length === 1) void navigate(paths.machine(host.id, created[0] ?? '', draft.start ? 'console' : 'settings'), { replace: true });
    else if (created.length > 1) void navigate(paths.machines, { replace: true });
  }, [created, navigate, host.id, draft.start]);
  const unread = [pools, networks, domains].find(({ error, data }) => error && !data);
  if (unread?.error) return <ErrorPage isPart problem={problemOf(unread.error)} retry={unread.refetch} />;
  if (pools.isPending || networks.isPending || domains.isPending) return <LoadingPage />;
  const blocked = may ? lacks : t('Your role may look at machines, not make them.');
  return (
    <PageSection className="qd-create" ref={leadToWrong}>
      <Form onSubmit={(event) => event.preventDefault()} aria-label={t('New machine')} noValidate>
        <Section title={t('From what')}>
          <SourceSection {...section} />
        </Section>
        <Section title={t('Name and place')}>
          <NameSection {...section} hosts={hosts} onHost={(id) => section.set({ host: id, medium: undefined, image: undefined, volume: undefined, pool: undefined, nic: undefined })} />
        </Section>
        <Section title={t('Memory and CPU')}>
          <ResourcesSection {...section} />
        </Section>
        <Section title={t('Disk')}>
          <DiskSection {...section} />
        </Section>
        <Section title={t('Network')}>
          <NetworkSection {...section} />
        </Section>
        <Section title={t('Devices')}>
          <DevicesSection {...section} planned={planned} />
        </Section>
      </Form>
      <Summary
        {...section}
        preview={preview}
        planned={planned}
        blocked={blocked}
        problem={told}
        job={job}
        busy={busy}
        onCreate={() => {
          // Else the proposed name would change as soon as the machine has it.
          section.set({ name: resolved.name });
          void create(body);
        }}
        onShow={() => setShowing(true)}
        onCancel={() => void navigate(paths.machines)}
      />
      {showing ? (
        <ShowMe
          title={t('What would be made')}
          plan={preview.plan ? { ...preview.plan, effects: [] } : undefined}
          problem={preview.problem}
          api={{ method: 'POST', path: address('/hosts/{host}/domains', { path: { host: host.id } }), body }}
          onClose={() => setShowing(false)}
        />
      ) : null}
      <AskBeforeLeaving when={draft !== EMPTY && !busy && created.length === 0} />
    </PageSection>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="qd-section">
      <Title headingLevel="h2" size="lg">
        {title}
      </Title>
      {children}
    </section>
  );
}

/** Input that is not used yet is not lost by a slip. */
function AskBeforeLeaving({ when }: { when: boolean }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => when && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!when) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [when]);
  if (blocker.state !== 'blocked') return null;
  return (
    <Dialog variant="small" onClose={() => blocker.reset()} aria-labelledby="leave-title">
      <ModalHeader title={t('Leave this page?')} labelId="leave-title" titleIconVariant="warning" />
      <ModalBody>{t('The machine is not made yet; what you filled in is lost.')}</ModalBody>
      <ModalFooter>
        <Button onClick={() => blocker.reset()}>{t('Stay')}</Button>
        <Button variant="link" isDanger onClick={() => blocker.proceed()}>
          {t('Leave')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
