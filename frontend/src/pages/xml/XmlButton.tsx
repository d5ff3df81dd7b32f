import '../machine/machine.css';
import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState, type ComponentProps } from 'react';
import { address, call, exchange, problemOf } from '../../api/client';
import type { components } from '../../api/schema';
import type { Plan } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { PlanView } from '../../components/ShowMe';
import { t } from '../../util/i18n';
import { isDomain } from '../machine/change';
import { undoOfEntry } from '../machine/undo';
import { errorLines } from '../machine/xml/errors';

const XmlEditor = lazy(() => import('../machine/xml/XmlEditor'));

interface Target {
  /** What it is the XML of, for people. */
  what: string;
  template: string;
  path: Record<string, string>;
  /** Why it can only be read; null where it can be saved. */
  reason: string | null;
  /** Gets the server's answer. */
  onSaved?: (answer: unknown) => void;
}

/** Opens the XML of an object: to read, and where it can change to edit. */
export function XmlButton({ variant = 'link', size, ...target }: Target & Pick<ComponentProps<typeof Button>, 'variant' | 'size'>) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={variant} size={size} aria-label={t('XML of {{what}}', { what: target.what })} onClick={() => setOpen(true)}>
        {t('XML')}
      </Button>
      {open ? <XmlDialog {...target} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** The editor of one object: its text, then the plan of what was changed in it, then saved. */
export function XmlDialog({ what, template, path, reason, onSaved, onClose }: Target & { onClose: () => void }) {
  const read = useQuery({
    queryKey: ['xml-of', template, path],
    queryFn: ({ signal }) => call<components['schemas']['DefinitionText']>('GET', template, { path, signal }),
    gcTime: 0,
    staleTime: 0,
  });
  const cache = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const [plan, setPlan] = useState<Plan | null>(null);
  const { attempt, busy, problem } = useAttempt();
  const text = typed ?? read.data?.xml ?? '';
  const errors = useMemo(() => (problem ? errorLines([problem.detail, problem.raw, ...(problem.errors ?? []).map((one) => one.detail)], text) : []), [problem, text]);
  const request = { path, body: { xml: text }, ifMatch: read.data?.etag };
  const review = () => attempt(async () => setPlan(await call<Plan>('PUT', template, { ...request, query: { dry_run: true } })));
  const save = () =>
    attempt(async () => {
      const { data, undo } = await exchange<unknown>('PUT', template, request).catch((error: unknown) => {
        setPlan(null);
        throw error;
      });
      onSaved?.(data);
      if (undo && !isDomain(data)) toast.success(t('{{what}}: definition saved', { what }), undefined, undoOfEntry(cache, undo));
      onClose();
    });
  const untouched = typed === null || typed === read.data?.xml;
  return (
    <Dialog variant="large" onClose={onClose} aria-labelledby="xml-title">
      <ModalHeader title={t('XML of {{what}}', { what })} labelId="xml-title" description={reason ?? t('What is saved. Secrets are masked, and stay as they are.')} />
      <ModalBody>
        {read.error ? <ProblemAlert problem={problemOf(read.error)} /> : null}
        {problem ? <ProblemAlert problem={problem} shownFields={errors.length > 0 ? ['/xml'] : []} /> : null}
        {read.isPending ? <LoadingPage /> : null}
        {plan ? (
          <PlanView plan={plan} api={{ method: 'PUT', path: address(template, { path }), body: request.body, ifMatch: request.ifMatch }} />
        ) : read.data ? (
          <Suspense fallback={<LoadingPage />}>
            <XmlEditor text={text} label={t('XML of {{what}}', { what })} readOnly={reason !== null} errors={errors} onChange={setTyped} />
          </Suspense>
        ) : null}
      </ModalBody>
      <ModalFooter>
        {plan ? (
          <>
            <Button onClick={() => void save()} isDisabled={busy} isLoading={busy}>
              {t('Save')}
            </Button>
            <Button variant="secondary" onClick={() => setPlan(null)}>
              {t('Back to the text')}
            </Button>
          </>
        ) : (
          <ReasonButton reason={reason ?? (untouched ? t('Nothing is changed yet.') : null)} onClick={() => void review()} isDisabled={busy} isLoading={busy}>
            {t('Review the change')}
          </ReasonButton>
        )}
        <Button variant="link" onClick={onClose}>
          {untouched ? t('Close') : t('Discard my changes')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
