import { Card, CardBody, Switch, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import { call, DOMAIN } from '../../../api/client';
import { useRoom } from '../../../api/live';
import { useStatsListener } from '../../../api/stats';
import type { Domain, HostStats } from '../../../api/types';
import { EmptyPage, LoadingPage } from '../../../components/Pages';
import { t } from '../../../util/i18n';
import { useStored } from '../../../util/useStored';
import type { TabProps } from '../MachinePage';
import { charts } from './charts';
import { FiguresTable } from './FiguresTable';
import { fromHistory, KEPT_SECONDS, withSample, type Point } from './figures';

const Chart = lazy(() => import('./Chart'));

const SPANS = [60, 300, KEPT_SECONDS];

/** The figures of the last minutes, as charts or as a table. */
export default function PerformanceTab({ domain }: TabProps) {
  const points = usePoints(domain);
  const [seconds, setSeconds] = useStored('performance-seconds', 300);
  const [table, setTable] = useStored('performance-table', false);
  const off = domain.state === 'shut_off' || domain.state === 'crashed';
  if (!points) return <LoadingPage />;
  if (off && points.length === 0) {
    return <EmptyPage title={t('No figures while it is off')}>{t('They begin when the machine starts.')}</EmptyPage>;
  }
  return (
    <>
      <div className="qd-bar-of-controls">
        <ToggleGroup aria-label={t('How far back')} isCompact>
          {SPANS.map((span) => (
            <ToggleGroupItem
              key={span}
              text={t('{{minutes}} min', { minutes: span / 60 })}
              buttonId={`span-${span}`}
              isSelected={seconds === span}
              onChange={() => setSeconds(span)}
            />
          ))}
        </ToggleGroup>
        <Switch id="performance-table" label={t('As a table')} isChecked={table} onChange={(_, on) => setTable(on)} />
      </div>
      {table ? (
        <FiguresTable points={points} domain={domain} />
      ) : (
        <div className="qd-charts">
          {charts(domain).map((chart) => (
            <Card isCompact key={chart.title} component="section" aria-label={chart.title}>
              <CardBody>
                <Suspense fallback={<LoadingPage />}>
                  <Chart chart={chart} points={points} seconds={seconds} />
                </Suspense>
              </CardBody>
            </Card>
          ))}
        </div>
      )}
    </>
  );
}

/** What the server kept, and each sample that comes since. Undefined until the former is there. */
function usePoints(domain: Domain): Point[] | undefined {
  const { host, uuid } = domain;
  useRoom(`stats:${host}`);
  const history = useQuery({
    queryKey: ['stats', host, uuid],
    queryFn: ({ signal }) => call<HostStats[]>('GET', `${DOMAIN}/stats`, { path: { host, uuid }, signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const [since, setSince] = useState<HostStats[]>([]);
  const take = useCallback((sample: HostStats) => setSince((old) => [...old.slice(-KEPT_SECONDS / 2), sample]), []);
  useStatsListener(host, take);
  const before = useMemo(() => history.data && fromHistory(history.data, uuid), [history.data, uuid]);
  return useMemo(() => {
    if (!before && !history.isError) return undefined;
    return since.reduce((points, sample) => withSample(points, sample, uuid), before ?? []);
  }, [before, history.isError, since, uuid]);
}
