import './migrate.css';
import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState } from 'react';
import { isOver, useJob } from '../../api/jobs';
import type { EvacuationDetails } from '../../api/migration';
import type { Host, Job } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { CancelJob } from '../../shell/JobCard';
import { t } from '../../util/i18n';
import { EvacuateForm } from './EvacuateForm';
import { Evacuees } from './Evacuees';
import { stayed, type Leaving } from './stayed';

interface Props {
  host: Host;
  /** These machines; null for all of the host. */
  machines: Leaving[] | null;
  /** What was asked of an earlier job, of whose machines these have stayed. */
  earlier?: EvacuationDetails['asked'];
  onClose: () => void;
}

/** Moves several machines, or all of a host, in one job. Closed while it runs, it goes on and is found among the jobs. */
export function Evacuate({ host, machines, earlier, onClose }: Props) {
  const [asked, setAsked] = useState({ machines, earlier });
  const [begun, setBegun] = useState<string | null>(null);
  const job = useJob(begun);
  const title = asked.machines ? t('Move {{count}} machines', { count: asked.machines.length }) : t('Evacuate {{host}}', { host: host.name });
  const again = (over: Job) => {
    setAsked({ machines: stayed(over), earlier: (over.details as EvacuationDetails).asked });
    setBegun(null);
  };
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="evacuate-title">
      <ModalHeader title={title} labelId="evacuate-title" description={t('One job with a result for each machine; what runs goes on running while it moves.')} />
      {job ? (
        <>
          <ModalBody tabIndex={0} aria-label={t('The moves')}>
            <div className="qd-move">
              {isOver(job) ? null : <JobProgress job={job} />}
              {job.problem ? <ProblemAlert problem={job.problem} /> : null}
              <Evacuees job={job} />
            </div>
          </ModalBody>
          <ModalFooter>
            <Button onClick={onClose}>{isOver(job) ? t('Close') : t('Go on in the background')}</Button>
            {!isOver(job) ? (
              <CancelJob job={job} />
            ) : stayed(job).length > 0 ? (
              <Button variant="link" onClick={() => again(job)}>
                {t('Try again with those that stayed')}
              </Button>
            ) : null}
          </ModalFooter>
        </>
      ) : (
        <EvacuateForm host={host} {...asked} title={title} onClose={onClose} onStarted={setBegun} />
      )}
    </Dialog>
  );
}
