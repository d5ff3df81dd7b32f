import { ExpandableSection, Title } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { CodeView } from '../../../components/CodeView';
import { ReasonButton } from '../../../components/DisabledReason';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { ReviewDialog } from '../ReviewDialog';
import { useUndo } from '../undo';
import { comparison, type Difference } from './api';
import { ChangeList, changeTitle } from './ChangeList';

interface Props {
  domain: Domain;
  from: number;
  to: number;
  /** What the two are called: since when each was, or its version. */
  names: [string, string];
}

/** What is different between two kept definitions, in words and as XML; single values can go back to the older one. */
export function DefinitionDiff({ domain, from, to, names }: Props) {
  const found = useQuery(comparison(domain.host, domain.uuid, from, to));
  const [back, setBack] = useState<Difference | null>(null);
  const [open, setOpen] = useState(true);
  const undo = useUndo();
  if (found.error) return <ProblemAlert problem={problemOf(found.error)} />;
  if (!found.data) return <LoadingPage />;
  const { changes, diff } = found.data;
  if (!diff) return <p className="qd-dim">{t('These two are the same.')}</p>;
  const button = (change: Difference) => (
    <ReasonButton variant="link" isInline size="sm" reason={domain.actions['edit']} onClick={() => setBack(change)} aria-label={t('Take only this back: {{what}}', { what: changeTitle(change) })}>
      {t('Take only this back')}
    </ReasonButton>
  );
  return (
    <section className="qd-stack" aria-label={t('Comparison')}>
      <Title headingLevel="h3" size="md">
        {t('From {{from}} to {{to}}', { from: names[0], to: names[1] })}
      </Title>
      <ChangeList changes={changes} act={button} />
      <ExpandableSection toggleText={t('As XML')} isExpanded={open} onToggle={(_, next) => setOpen(next)}>
        <CodeView diff text={diff} label={t('Difference')} />
      </ExpandableSection>
      {back ? (
        <ReviewDialog
          title={t('Take back: {{what}}', { what: changeTitle(back) })}
          verb={t('Take it back')}
          domain={domain}
          change={{ method: 'POST', path: `/history/${from}/restore`, body: { only: [{ device: back.device, field: back.field === 'device' ? null : back.field }] } }}
          etag={domain.etag}
          onClose={() => setBack(null)}
          onDone={(answer) => {
            toast.success(t('{{name}}: {{what}} is as it was', { name: domain.name, what: changeTitle(back) }), undefined, undo(answer));
            setBack(null);
          }}
        >
          <p>{t('Everything else stays as it is today.')}</p>
        </ReviewDialog>
      ) : null}
    </section>
  );
}
