import { Button, Label, ModalBody, ModalFooter, ModalHeader, Spinner } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { runAction } from '../api/actions';
import { problemOf } from '../api/client';
import { followJob } from '../api/jobs';
import type { Action, DomainSummary, Problem } from '../api/types';
import { CancelButton } from '../components/CancelButton';
import { Dialog } from '../components/Dialog';
import { Tick } from '../components/Tick';
import { t } from '../util/i18n';

type Result = 'waiting' | 'running' | 'done' | Problem;

/** How many machines are asked at a time: enough to be quick, few enough for the host's connection. */
const AT_ONCE = 5;

/** One act on several machines: who is left out and why, then a result for each. */
export function BulkDialog({ action, domains, onClose }: { action: Action; domains: DomainSummary[]; onClose: () => void }) {
  const cache = useQueryClient();
  const [withDisks, setWithDisks] = useState(false);
  const [results, setResults] = useState<Record<string, Result> | null>(null);
  // What was allowed when the dialog opened: the list below must not change under the user's eyes.
  const [allowed] = useState(() => domains.filter((domain) => domain.actions[action.id] === null));
  const [left] = useState(() => domains.filter((domain) => domain.actions[action.id] !== null));

  const one = async (domain: DomainSummary) => {
    const set = (result: Result) => setResults((old) => ({ ...old, [domain.uuid]: result }));
    set('running');
    try {
      const { job } = await runAction(cache, action, domain, withDisks ? { query: { volumes: 'all' } } : {});
      if (job) await followJob(cache, job.id);
      set('done');
    } catch (error) {
      set(problemOf(error));
    }
  };
  const run = async () => {
    setResults(Object.fromEntries(allowed.map((domain) => [domain.uuid, 'waiting'])));
    const queue = [...allowed];
    const worker = async () => {
      for (let domain = queue.shift(); domain; domain = queue.shift()) await one(domain);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };

  const values = Object.values(results ?? {});
  const busy = values.some((result) => result === 'waiting' || result === 'running');
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="bulk-title">
      <ModalHeader
        title={t('{{act}}: {{machines}}', { act: action.title, machines: t('{{count}} machines', { count: allowed.length }) })}
        labelId="bulk-title"
        titleIconVariant={action.danger ? 'warning' : undefined}
        description={action.description}
      />
      <ModalBody tabIndex={0} aria-label={t('Machines')}>
        {action.id === 'delete' && !results ? (
          <Tick id="bulk-disks" label={t('Erase their disks too')} help={t('But for disks that another machine uses, and installation media. This cannot be undone.')} checked={withDisks} onChange={setWithDisks} />
        ) : null}
        <ul className="qd-results">
          {allowed.map((domain) => (
            <BulkRow key={domain.uuid} domain={domain} result={results?.[domain.uuid]} />
          ))}
        </ul>
        {left.length > 0 ? (
          <>
            <h3 className="qd-results-head">{t('Left out')}</h3>
            <ul className="qd-results">
              {left.map((domain) => (
                <li key={domain.uuid}>
                  <strong>{domain.name}</strong> <span className="qd-dim">{domain.host}</span>
                  <span className="qd-results-text">{domain.actions[action.id] ?? t('This machine does not know this act.')}</span>
                </li>
              ))}
            </ul>
          </>
        ) : null}
      </ModalBody>
      <ModalFooter>
        {results ? (
          <Button onClick={onClose}>{busy ? t('Go on in the background') : t('Close')}</Button>
        ) : (
          <>
            <Button variant={action.danger ? 'danger' : 'primary'} onClick={() => void run()} isDisabled={allowed.length === 0}>
              {action.title}
            </Button>
            <CancelButton onClick={onClose} />
          </>
        )}
      </ModalFooter>
    </Dialog>
  );
}

function BulkRow({ domain, result }: { domain: DomainSummary; result: Result | undefined }) {
  return (
    <li>
      <strong>{domain.name}</strong> <span className="qd-dim">{domain.host}</span>
      {result === 'running' || result === 'waiting' ? <Spinner size="sm" aria-label={t('in progress')} /> : null}
      {result === 'done' ? <Label color="green" isCompact>{t('Done')}</Label> : null}
      {typeof result === 'object' ? (
        <span className="qd-results-text">
          <Label color="red" isCompact>
            {result.title}
          </Label>{' '}
          {result.detail} {result.cure}
        </span>
      ) : null}
    </li>
  );
}
