import { useQueries } from '@tanstack/react-query';
import { problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { CodeView } from '../../../components/CodeView';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { t } from '../../../util/i18n';
import { lineDiff } from '../../../util/lineDiff';
import { definition } from './api';

/** What is different between two kept definitions. */
export function DefinitionDiff({ domain, from, to }: { domain: Domain; from: number; to: number }) {
  const [old, now] = useQueries({ queries: [from, to].map((id) => definition(domain.host, domain.uuid, id)) });
  const error = old?.error ?? now?.error;
  if (error) return <ProblemAlert problem={problemOf(error)} />;
  if (!old?.data || !now?.data) return <LoadingPage />;
  const diff = lineDiff(old.data.xml, now.data.xml);
  return diff ? <CodeView diff text={diff} label={t('Difference')} /> : <p className="qd-dim">{t('These two are the same.')}</p>;
}
