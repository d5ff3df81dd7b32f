import { Card, CardBody, CardHeader, CardTitle, Gallery, Label, PageSection } from '@patternfly/react-core';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { call, problemOf } from '../../api/client';
import { useRooms } from '../../api/live';
import { useLookedHost } from '../../api/looked';
import { useHosts } from '../../api/queries';
import { useHostLoad } from '../../api/stats';
import { useCan } from '../../api/session';
import type { Host, HostState } from '../../api/types';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { ReasonButton } from '../../components/DisabledReason';
import { clockWords, HostLoadBars } from '../../components/HostLoadBars';
import { PageHeader } from '../../components/PageHeader';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { Protection } from './Protection';

const Evacuate = lazy(async () => ({ default: (await import('../../dialogs/migrate/Evacuate')).Evacuate }));
const HostTrust = lazy(async () => ({ default: (await import('../../dialogs/HostTrust')).HostTrust }));
const HostAdd = lazy(() => import('../../dialogs/HostAdd'));

/** Every host that Quarterdeck is connected to; adding one and forgetting one. */
export default function HostsPage() {
  const hosts = useHosts();
  const mayEdit = useCan('host:edit');
  const [adding, setAdding] = useState(false);
  const mayMove = useCan('domain:migrate');
  const [emptying, setEmptying] = useState<Host | null>(null);
  const [editing, setEditing] = useState<Host | null>(null);
  const [trusting, setTrusting] = useState<Host | null>(null);
  const [removing, setRemoving] = useState<Host | null>(null);
  const refusal = (host: Host) => {
    if (!mayMove) return t('Your role may look, but not move machines.');
    if (host.state !== 'connected') return t('It is not connected.');
    if (host.domains === 0) return t('It has no machines.');
    return hosts.some((other) => other.id !== host.id && other.state === 'connected') ? null : t('No other host is connected.');
  };
  useRooms(hosts.filter((host) => host.state === 'connected').map((host) => `stats:${host.id}`));
  return (
    <>
      <PageHeader
        title={t('Hosts')}
        subtitle={t('Machines of every host stand in one list, and move between them.')}
        actions={
          <ReasonButton onClick={() => setAdding(true)} reason={mayEdit ? null : t('Your role may look, but not add hosts.')}>
            {t('Add host')}
          </ReasonButton>
        }
      />
      <PageSection>
        <Gallery hasGutter minWidths={{ default: 'min(27rem, 100%)' }}>
          {hosts.map((host) => (
            <HostCard key={host.id} host={host} onTrust={() => setTrusting(host)} onEdit={() => setEditing(host)} onRemove={() => setRemoving(host)} onEvacuate={() => setEmptying(host)} unmovable={refusal(host)} />
          ))}
        </Gallery>
      </PageSection>
      <Suspense fallback={null}>{adding ? <HostAdd onClose={() => setAdding(false)} /> : null}</Suspense>
      <Suspense fallback={null}>{editing ? <HostAdd host={editing} onClose={() => setEditing(null)} /> : null}</Suspense>
      <Suspense fallback={null}>{emptying ? <Evacuate host={emptying} machines={null} onClose={() => setEmptying(null)} /> : null}</Suspense>
      <Suspense fallback={null}>
        {trusting ? (
          <HostTrust
            address={trusting.address ?? ''}
            port={trusting.port}
            user={trusting.user ?? 'root'}
            onTrusted={() => {
              toast.success(t('The key of {{name}} is trusted', { name: trusting.name }));
              setTrusting(null);
            }}
            onClose={() => setTrusting(null)}
          />
        ) : null}
      </Suspense>
      {removing ? (
        <ConfirmDialog
          title={t('Forget host {{name}}?', { name: removing.name })}
          verb={t('Forget')}
          danger
          onConfirm={async () => {
            await call('DELETE', '/hosts/{host}', { path: { host: removing.id } });
            toast.success(t('Host {{name}} is forgotten', { name: removing.name }));
          }}
          toProblem={problemOf}
          onClose={() => setRemoving(null)}
        >
          {t('Its machines run on, with their disks and settings. It can be added again at any time.')}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

const COLORS: Record<HostState, 'green' | 'blue' | 'red' | 'orange'> = { connected: 'green', connecting: 'blue', lost: 'red', refused: 'orange' };

function stateWord(state: HostState): string {
  return { connected: t('Connected'), connecting: t('Connecting'), lost: t('Not reachable'), refused: t('Refused') }[state];
}

interface CardProps {
  host: Host;
  onTrust: () => void;
  onEdit: () => void;
  onRemove: () => void;
  onEvacuate: () => void;
  /** Why its machines cannot move away. */
  unmovable: string | null;
}

function HostCard({ host, onTrust, onEdit, onRemove, onEvacuate, unmovable }: CardProps) {
  const retry = () => {
    call('POST', '/hosts/{host}/retry', { path: { host: host.id } }).catch((error: unknown) => toast.problem(host.name, problemOf(error)));
  };
  const connected = host.state === 'connected';
  const [looked, look] = useLookedHost();
  return (
    <Card component="article" aria-label={host.name} isFullHeight>
      <CardHeader
        hasWrap
        className="qd-host-head"
        actions={{
          actions: (
            <>
              {host.transport === 'ssh' && !connected ? (
                <ReasonButton variant="secondary" size="sm" onClick={onTrust} reason={host.actions['trust']}>
                  {t('Look at its key')}
                </ReasonButton>
              ) : null}
              {connected ? null : (
                <ReasonButton variant="secondary" size="sm" onClick={retry} reason={host.actions['retry']}>
                  {t('Try now')}
                </ReasonButton>
              )}
              <ReasonButton variant="secondary" size="sm" onClick={onEvacuate} reason={unmovable}>
                {t('Evacuate')}
              </ReasonButton>
              <ReasonButton variant="secondary" size="sm" onClick={onEdit} reason={host.actions['edit']}>
                {t('Edit')}
              </ReasonButton>
              <ReasonButton variant="secondary" size="sm" onClick={onRemove} reason={host.actions['remove']}>
                {t('Forget')}
              </ReasonButton>
            </>
          ),
        }}
      >
        <CardTitle component="h2">
          {host.name} <Label color={COLORS[host.state]} isCompact>{stateWord(host.state)}</Label>
        </CardTitle>
      </CardHeader>
      <CardBody className="qd-host-body">
        {host.problem ? <ProblemAlert problem={host.problem} /> : null}
        <dl className="qd-facts">
          <Fact name={t('Reached by')}>{reach(host)}</Fact>
          {connected ? <ConnectedFacts host={host} /> : null}
        </dl>
        {connected ? <Protection host={host} /> : null}
        {connected ? (
          <p>
            <Link to={`${paths.machines}?q=host:${encodeURIComponent(host.id)}`} onClick={() => (looked ? look(host.id) : undefined)}>
              {t('{{count}} machines', { count: host.domains })}, {t('{{count}} running', { count: host.running })}
            </Link>
          </p>
        ) : null}
      </CardBody>
    </Card>
  );
}

function ConnectedFacts({ host }: { host: Host }) {
  const load = useHostLoad(host.id);
  const clock = load?.clock_seconds ?? host.clock_seconds;
  return (
    <>
      <Fact name={t('Host name')}>{host.hostname}</Fact>
      <Fact name={t('Load')}>
        <HostLoadBars load={load} />
      </Fact>
      <Fact name={t('Processor')}>{[t('{{count}} CPUs', { count: host.cpus }), host.cpu_model, host.arch].filter(Boolean).join(' · ')}</Fact>
      <Fact name={t('Versions')}>{`libvirt ${host.libvirt_version} · QEMU ${host.hypervisor_version}`}</Fact>
      {host.transport === 'local' ? null : <Fact name={t('Clock')}>{clock === null ? t('not known: it is read over SSH only') : clockWords(clock)}</Fact>}
      <Fact name={t('Speed')}>{host.accelerators.includes('kvm') ? t('KVM: guests run at full speed') : t('No KVM: guests are emulated, which is slow')}</Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function reach(host: Host): string {
  if (host.transport === 'local') return t('this host itself');
  const user = host.user ? `${host.user}@` : '';
  return `${host.transport.toUpperCase()} ${user}${host.address ?? ''}${host.port ? `:${host.port}` : ''}`;
}
