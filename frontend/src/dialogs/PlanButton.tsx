import { Button } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { address, call, problemOf, type CallOptions, type Method } from '../api/client';
import type { Plan } from '../api/types';
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
  const plan = useQuery({
    queryKey: ['plan', method, template, path, query, body],
    queryFn: ({ signal }) => call<Plan>(method, template, { path, query: { ...query, dry_run: true }, body, ifMatch, signal }),
    gcTime: 0,
    staleTime: 0,
  });
  return (
    <ShowMe
      title={title}
      plan={plan.data}
      problem={plan.error ? problemOf(plan.error) : null}
      api={{ method, path: address(template, { path, query }), body, ifMatch }}
      onClose={onClose}
    />
  );
}
