import { Alert, ExpandableSection, List, ListItem, Spinner } from '@patternfly/react-core';
import { CheckCircleIcon } from '@patternfly/react-icons';
import { useState } from 'react';
import { Link } from 'react-router';
import type { MigrationCheck, Repair } from '../../api/migration';
import type { DomainSummary, Problem } from '../../api/types';
import { useSession } from '../../api/session';
import { CodeView } from '../../components/CodeView';
import { ReasonButton } from '../../components/DisabledReason';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { Expectation } from './Expectation';
import { isMendedByHand } from './finding';
import { RepairDialog } from './RepairDialog';
import type { Wish } from './wish';

interface Props {
  domain: DomainSummary;
  request: Wish;
  check: MigrationCheck | undefined;
  problem: Problem | null;
  checking: boolean;
  /** What is shown is of an earlier wish. */
  outdated: boolean;
  onWish: (change: Partial<Wish>) => void;
  onRepaired: () => void;
}

/** What stands in the way, worst first, each with its reason and what removes it; then what is well, and what to expect. */
export function Findings({ domain, request, check, problem, checking, outdated, onWish, onRepaired }: Props) {
  const [repair, setRepair] = useState<Repair | null>(null);
  const may = useSession().data?.permissions ?? [];
  const reasonOf = (each: Repair) => {
    if (outdated) return t('The checks are being made anew.');
    return each.needs && !may.includes(each.needs) ? t('Your role may move machines, but not change hosts. Ask an administrator of the host.') : null;
  };
  return (
    <section className="qd-checked" aria-label={t('Findings')} aria-busy={checking || outdated}>
      <h3>
        {t('Findings')} {checking || outdated ? <Spinner size="sm" aria-label={t('Checking')} /> : null}
      </h3>
      <div role="status">{check ? <Verdict check={check} /> : null}</div>
      {problem ? <ProblemAlert problem={problem} /> : null}
      {check?.findings.length || problem ? (
        <ReasonButton variant="link" isInline onClick={onRepaired} reason={checking ? t('The checks are being made.') : null}>
          {t('Check again')}
        </ReasonButton>
      ) : null}
      {check?.findings.map((finding) => (
        <Alert
          key={finding.id + finding.fact}
          variant={finding.severity}
          isInline
          title={finding.title}
          actionLinks={finding.repairs.map((each) => (
            <ReasonButton
              key={each.kind + each.about}
              variant="secondary"
              size="sm"
              onClick={() => (each.wish ? onWish(each.wish) : setRepair(each))}
              reason={reasonOf(each)}
            >
              {each.title}
            </ReasonButton>
          ))}
        >
          <p>
            {/[.!?]$/.test(finding.fact) ? finding.fact : `${finding.fact}.`} {finding.reason}
          </p>
          {finding.cure ? <p className="qd-cure">{finding.cure}</p> : null}
          {finding.commands.map((command) => (
            <CodeView key={command} text={command} label={t('Command by hand')} />
          ))}
          {finding.protection_of ? (
            <p className="qd-cure">
              <Link to={paths.protection(finding.protection_of, domain.host)} target="_blank">
                {t('Give it the same protection (new tab)')}
              </Link>
            </p>
          ) : null}
          {isMendedByHand(finding) ? <p className="qd-dim">{t('This is looked at again by itself: once it is done there, it goes from this list.')}</p> : null}
        </Alert>
      ))}
      {check && check.passed.length > 0 ? (
        <ExpandableSection toggleText={t('{{count}} checks passed', { count: check.passed.length })}>
          <List isPlain>
            {check.passed.map((words) => (
              <ListItem key={words} icon={<CheckCircleIcon className="qd-passed" />}>
                {words}
              </ListItem>
            ))}
          </List>
        </ExpandableSection>
      ) : null}
      {check?.forecast ? <Expectation forecast={check.forecast} onWish={onWish} /> : null}
      {repair ? <RepairDialog domain={domain} repair={repair} request={request} onDone={onRepaired} onClose={() => setRepair(null)} /> : null}
    </section>
  );
}

/** The sum of it: what a screen reader tells by itself, while the list is read by whoever wants to. */
function Verdict({ check }: { check: MigrationCheck }) {
  const obstacles = check.findings.filter(({ severity }) => severity === 'danger').length;
  if (obstacles > 0) return <Alert variant="danger" isInline isPlain title={t('{{count}} obstacles: remove what is marked red first', { count: obstacles })} />;
  return <Alert variant="success" isInline isPlain title={check.findings.length === 0 ? t('Nothing stands in the way: all {{count}} checks passed', { count: check.passed.length }) : t('It can move')} />;
}
