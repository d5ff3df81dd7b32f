import { Alert, Spinner } from '@patternfly/react-core';
import type { MigrationCheck } from '../../api/migration';
import type { Problem } from '../../api/types';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { formatRate } from '../../util/units';

interface Props {
  check: MigrationCheck | undefined;
  problem: Problem | null;
  checking: boolean;
}

/** What stands in the way, worst first, each with its reason and cure; then what to expect. */
export function Findings({ check, problem, checking }: Props) {
  return (
    <section className="qd-findings" aria-label={t('Findings')} aria-busy={checking} aria-live="polite">
      <h3>
        {t('Findings')} {checking ? <Spinner size="sm" aria-label={t('Checking')} /> : null}
      </h3>
      {problem ? <ProblemAlert problem={problem} /> : null}
      {check?.findings.map((finding) => (
        <Alert key={finding.id + finding.fact} variant={finding.severity} isInline title={finding.title}>
          <p>
            {/[.!?]$/.test(finding.fact) ? finding.fact : `${finding.fact}.`} {finding.reason}
          </p>
          {finding.cure ? <p className="qd-cure">{finding.cure}</p> : null}
        </Alert>
      ))}
      {check && !check.findings.some((finding) => finding.severity === 'danger') ? (
        <Alert variant="success" isInline isPlain title={check.findings.length === 0 ? t('Nothing stands in the way: all {{count}} checks passed', { count: check.checked.length }) : t('It can move')} />
      ) : null}
      {check?.forecast ? (
        <p className="qd-forecast">
          <strong>{t('Forecast')}</strong> {check.forecast.text}{' '}
          <span className="qd-dim">
            {[
              check.forecast.dirty_rate_bytes_s === null ? '' : t('The guest changes {{rate}} of memory.', { rate: formatRate(check.forecast.dirty_rate_bytes_s) }),
              check.forecast.link_assumed ? t('A network of {{rate}} is assumed.', { rate: formatRate(check.forecast.link_bytes_s) }) : '',
            ].join(' ')}
          </span>
        </p>
      ) : null}
    </section>
  );
}
