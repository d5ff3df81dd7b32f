import { Alert } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { CloneResult } from '../../api/clone';
import type { DomainSummary, Job } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { LongJob } from '../LongJob';

interface Props {
  job: Job;
  domain: DomainSummary;
  onClose: () => void;
  onAgain: () => void;
}

/** A clone that is being made, and how it ended. */
export function CloneProgress({ job, domain, onClose, onAgain }: Props) {
  const result = job.result as CloneResult | null;
  const titles: [string, string] = [t('{{name}} is being cloned', { name: domain.name }), t('Clone of {{name}}', { name: domain.name })];
  return (
    <LongJob job={job} titleId="clone-title" titles={titles} onClose={onClose} onAgain={onAgain}>
      {(result ? (result.all ?? [result]) : []).map(({ host, uuid, name }) => (
        <Alert
          key={uuid}
          variant="success"
          isInline
          title={t('{{name}} is there', { name })}
          actionLinks={
            <Link to={paths.machine(host, uuid)} onClick={onClose}>
              {t('Go there')}
            </Link>
          }
        />
      ))}
    </LongJob>
  );
}
