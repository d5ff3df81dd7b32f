import { Button } from '@patternfly/react-core';
import { useState } from 'react';
import { address, call, type CallOptions, type Method } from '../api/client';
import type { Plan } from '../api/types';
import { usePlan } from '../api/usePlan';
import { ShowMe } from '../components/ShowMe';
import { t } from '../util/i18n';

interface Props extends Pick<CallOptions, 'path' | 'query' | 'body' | 'ifMatch'> {
  title: string;
  method: Method;
  template: string;
  isDisabled?: boolean;
}

/** "Show me" of a question: what the act would do, asked of the server when somebody wants to know. */
export function PlanButton({ isDisabled = false, ...request }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="secondary" isDisabled={isDisabled} onClick={() => setOpen(true)}>
        {t('Show me')}
      </Button>
      {open ? <Planned {...request} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Planned({ title, method, template, path, query, body, ifMatch, onClose }: Omit<Props, 'isDisabled'> & { onClose: () => void }) {
  const planned = usePlan(['plan', method, template, path, query, body], (signal) => call<Plan>(method, template, { path, query: { ...query, dry_run: true }, body, ifMatch, signal }));
  return <ShowMe title={title} plan={planned.plan} problem={planned.problem} api={{ method, path: address(template, { path, query }), body, ifMatch }} onClose={onClose} />;
}
