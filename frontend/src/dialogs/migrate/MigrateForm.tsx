import { Alert, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { outcomeOf } from '../../api/actions';
import { answered } from '../../api/answered';
import { address, ApiError, exchange, problemOf } from '../../api/client';
import { checkMigration, MIGRATION, offeredOptions, planMigration, type MigrationDetails } from '../../api/migration';
import { useHosts } from '../../api/queries';
import type { DomainSummary, Problem } from '../../api/types';
import { CancelButton } from '../../components/CancelButton';
import { ReasonButton } from '../../components/DisabledReason';
import { EmptyPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { ShowMe } from '../../components/ShowMe';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { useDebounced } from '../../util/useDebounced';
import { Destinations } from './Destinations';
import { Findings } from './Findings';
import { isMendedByHand } from './finding';
import { Definition, Disks, Networks } from './Mapping';
import { Options, TypedConfirmation } from './Options';
import { useOffered } from './useOffered';
import { Modes, StorageChoice } from './Ways';
import { againWish, firstWish, toRequest, type Wish } from './wish';

type Earlier = Pick<MigrationDetails, 'asked' | 'retype_secrets'>;

interface Props {
  domain: DomainSummary;
  /** What was asked for before. */
  earlier?: Earlier | undefined;
  onClose: () => void;
  /** The move has begun, as it was asked for. */
  onStarted: (job: string, asked: Wish) => void;
}

const QUIET_MS = 400;
const AGAIN_MS = 10_000;

/** Where to and how; what stands in the way is looked up as soon as the wish changes. */
export function MigrateForm({ domain, earlier, onClose, onStarted }: Props) {
  const cache = useQueryClient();
  const others = useHosts().filter((host) => host.id !== domain.host);
  const first = others.find((host) => host.state === 'connected')?.id ?? '';
  const [wish, setWish] = useState<Wish>(() => (earlier?.asked ? againWish(domain, earlier.asked) : firstWish(domain, '')));
  const request = toRequest({ ...wish, destination: wish.destination || first });
  const settled = useDebounced(JSON.stringify(request), QUIET_MS);
  const asked = JSON.parse(settled) as Wish;
  const known = useOffered(domain.uuid, request, (wish, signal) => offeredOptions(domain, wish, signal));
  const check = useQuery({
    queryKey: ['migration-check', domain.host, domain.uuid, settled],
    queryFn: ({ signal }) => answered(checkMigration(domain, asked, signal), signal),
    enabled: asked.destination !== '',
    retry: false,
    staleTime: 5_000,
    // What is mended by hand on a host tells no news.
    refetchInterval: ({ state }) => (state.data?.found?.findings.some(isMendedByHand) ? AGAIN_MS : false),
    refetchOnWindowFocus: true,
    gcTime: 0,
    // Findings that came and went with each choice would make the form jump.
    placeholderData: keepPreviousData,
  });
  const outdated = check.isPlaceholderData || settled !== JSON.stringify(request);
  const [showing, setShowing] = useState(false);
  const plan = useQuery({
    queryKey: ['migration-plan', domain.host, domain.uuid, settled],
    queryFn: ({ signal }) => planMigration(domain, asked, signal),
    enabled: showing,
    retry: false,
    gcTime: 0,
  });
  const [typed, setTyped] = useState('');
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const replace = (next: Wish) => {
    setRefused(null);
    setWish(next);
  };
  const set = (change: Partial<Wish>) => replace({ ...wish, ...change });
  const found = check.data?.found;
  const checkProblem = check.data?.problem ?? null;
  const errors = (refused ?? checkProblem)?.errors ?? [];
  const blocked = outdated ? undefined : found?.findings.find((finding) => finding.severity === 'danger');
  const start = async () => {
    setBusy(true);
    try {
      const answer = await exchange<unknown>('POST', MIGRATION, { path: { host: domain.host, uuid: domain.uuid }, body: request });
      const { job } = outcomeOf(cache, answer.status, answer.data);
      if (job) onStarted(job.id, request);
    } catch (error) {
      setRefused(problemOf(error));
      if (error instanceof ApiError) void check.refetch();
      setBusy(false);
    }
  };
  const reason = refusal(others.length, request, typed === domain.name) ?? checkProblem?.errors?.[0]?.detail ?? (blocked ? t('It cannot move so: {{obstacle}}. Remove what is marked red first.', { obstacle: blocked.title }) : null);
  const name = others.find((host) => host.id === request.destination)?.name ?? '';
  return (
    <>
      <ModalHeader title={t('Move {{name}}', { name: domain.name })} labelId="migrate-title" description={domain.state === 'shut_off' ? t('To another host; it stays off.') : t('To another host, while it runs where that is possible.')} />
      <ModalBody tabIndex={0} aria-label={t('Where to and how')}>
        {others.length === 0 ? (
          <EmptyPage title={t('There is no other host')} actions={<Link to={paths.hosts} onClick={onClose}>{t('Hosts')}</Link>}>
            {t('Connect a second host first; machines can then move between them.')}
          </EmptyPage>
        ) : (
          <Form onSubmit={(event) => event.preventDefault()}>
            {refused ? <ProblemAlert problem={refused} /> : null}
            {earlier?.retype_secrets ? <Alert variant="info" isInline title={t('The passwords typed into its definition were not kept')}>{t('Type them again below. Where ***** stands, it keeps the one that it has.')}</Alert> : null}
            <Destinations hosts={others} memoryMib={domain.memory_mib} chosen={request.destination} onChoose={(destination) => set({ destination, pool: null })} />
            <div className="qd-form-pair">
              <Modes domain={domain} wish={wish} set={set} />
              <StorageChoice domain={domain} wish={wish} set={set} destination={request.destination} />
            </div>
            <Options offered={known} wish={wish} set={replace} errors={errors} after={<Definition domain={domain} wish={wish} set={set} error={errors.find((error) => error.pointer === '/xml')?.detail} />}>
              <Disks domain={domain} wish={wish} set={set} errors={errors} />
              <Networks domain={domain} wish={wish} set={set} />
            </Options>
            {request.unsafe ? <TypedConfirmation name={domain.name} typed={typed} onType={setTyped} /> : null}
            {request.destination ? <Findings domain={domain} request={request} check={found} problem={refused ? null : checkProblem} checking={check.isFetching} outdated={outdated} onWish={set} onRepaired={() => void check.refetch()} /> : null}
          </Form>
        )}
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={reason} onClick={() => void start()} isLoading={busy} isDisabled={busy}>
          {name ? t('Move to {{host}}', { host: name }) : t('Move')}
        </ReasonButton>
        <ReasonButton variant="secondary" reason={request.destination ? null : t('No other host is connected.')} onClick={() => setShowing(true)}>
          {t('Show me')}
        </ReasonButton>
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showing ? (
        <ShowMe
          title={t('What would be done')}
          plan={plan.data}
          problem={plan.error ? problemOf(plan.error) : null}
          api={{ method: 'POST', path: address(MIGRATION, { path: { host: domain.host, uuid: domain.uuid } }), body: request }}
          onClose={() => setShowing(false)}
        />
      ) : null}
    </>
  );
}

/** Why it cannot begin. */
function refusal(others: number, request: Wish, confirmed: boolean): string | null {
  if (others === 0) return t('There is no other host.');
  if (!request.destination) return t('No other host is connected.');
  return request.unsafe && !confirmed ? t("Type the machine's name above: its data may be lost.") : null;
}
