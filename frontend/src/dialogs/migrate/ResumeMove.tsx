import { Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState } from 'react';
import { address, call } from '../../api/client';
import { useJobs } from '../../api/jobs';
import { MIGRATION, type MigrationDetails } from '../../api/migration';
import { useHosts } from '../../api/queries';
import type { DomainSummary, Job } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { ReasonButton } from '../../components/DisabledReason';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Effects, ShowMe } from '../../components/ShowMe';
import { t } from '../../util/i18n';
import { usePlanned } from '../usePlanned';
import { Destinations } from './Destinations';
import { resumeWish } from './wish';

interface Props {
  domain: DomainSummary;
  onClose: () => void;
  onStarted: (job: string) => void;
}

/** Goes on with a move that broke in post-copy, as it was asked for: the rest of the memory is sent. */
export function ResumeMove({ domain, onClose, onStarted }: Props) {
  const others = useHosts().filter((host) => host.id !== domain.host);
  const last = useJobs().find((job) => job.kind === 'migration' && job.target === domain.uuid);
  const asked = (last?.details as MigrationDetails | undefined)?.asked;
  const [chosen, setChosen] = useState<string | null>(null);
  const [showing, setShowing] = useState(false);
  const { attempt, busy, problem: refused } = useAttempt();
  const destination = chosen ?? asked?.destination ?? others.find((host) => host.state === 'connected')?.id ?? '';
  const body = resumeWish(domain, asked, destination);
  const path = { host: domain.host, uuid: domain.uuid };
  const { plan, problem, settled } = usePlanned(destination ? { method: 'POST', template: MIGRATION, path, body } : null);
  const wrong = refused ?? problem;
  const reason = !destination ? t('No other host is connected.') : (problem?.detail ?? (settled ? null : t('Asking what it would do …')));
  const start = () => attempt(async () => onStarted((await call<Job>('POST', MIGRATION, { path, body })).id));
  return (
    <>
      <ModalHeader title={t('Go on with the move of {{name}}', { name: domain.name })} labelId="migrate-title" description={t('It broke in post-copy: half of its memory is on each host. Mend the network between them first.')} />
      <ModalBody tabIndex={0} aria-label={t('Where to and how')}>
        <Form onSubmit={(event) => event.preventDefault()}>
          <Destinations hosts={others} memoryMib={0} chosen={destination} onChoose={setChosen} />
          <div role="status" aria-busy={!settled}>
            {wrong ? <ProblemAlert problem={wrong} /> : null}
            {plan ? <Effects plan={plan} /> : null}
          </div>
        </Form>
      </ModalBody>
      <ModalFooter>
        <ReasonButton reason={reason} onClick={() => void start()} isLoading={busy} isDisabled={busy}>
          {t('Go on with the move')}
        </ReasonButton>
        <ReasonButton variant="secondary" reason={destination ? null : t('No other host is connected.')} onClick={() => setShowing(true)}>
          {t('Show me')}
        </ReasonButton>
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showing ? <ShowMe title={t('What would be done')} plan={plan} problem={problem} api={{ method: 'POST', path: address(MIGRATION, { path }), body }} onClose={() => setShowing(false)} /> : null}
    </>
  );
}
