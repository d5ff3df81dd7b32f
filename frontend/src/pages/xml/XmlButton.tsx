import '../machine/machine.css';
import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState, type ComponentProps } from 'react';
import { address, call, exchange, problemOf } from '../../api/client';
import { isChangedMeanwhile } from '../../api/problem';
import type { components } from '../../api/schema';
import type { Plan } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { MeanwhileAlert } from '../../components/MeanwhileAlert';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { PlanView } from '../../components/ShowMe';
import { Unready } from '../../dialogs/snapshot/Unready';
import { useVersioned } from '../../dialogs/useVersioned';
import { t } from '../../util/i18n';
import { isDomain } from '../machine/change';
import { undoOfEntry } from '../machine/undo';
import { errorLines } from '../machine/xml/errors';

type DefinitionText = components['schemas']['DefinitionText'];

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
export function XmlDialog({ onClose, ...target }: Target & { onClose: () => void }) {
  const { what, template, path } = target;
  const read = useQuery({ queryKey: ['xml-of', template, path], queryFn: ({ signal }) => call<DefinitionText>('GET', template, { path, signal }), gcTime: 0, staleTime: 0 });
  const title = t('XML of {{what}}', { what });
  if (!read.data) return <Unready title={title} problem={read.error ? problemOf(read.error) : null} onRetry={() => void read.refetch()} onClose={onClose} />;
  return <TextDialog {...target} title={title} saved={read.data} onClose={onClose} />;
}

function TextDialog({ what, title, saved, template, path, reason, onSaved, onClose }: Target & { title: string; saved: DefinitionText; onClose: () => void }) {
  const cache = useQueryClient();
  const { value, set, touched, etag, meanwhile } = useVersioned(saved, ({ xml }) => ({ xml }));
  const [plan, setPlan] = useState<Plan | null>(null);
  const { attempt, busy, problem, setProblem } = useAttempt();
  const text = value.xml;
  const errors = useMemo(() => (problem ? errorLines([problem.detail, problem.raw, ...(problem.errors ?? []).map((one) => one.detail)], text) : []), [problem, text]);
  const request = { path, body: value, ifMatch: etag };
  const run = (work: () => Promise<void>) =>
    attempt(() =>
      work().catch(async (error: unknown) => {
        setPlan(null);
        if (isChangedMeanwhile(problemOf(error))) await cache.invalidateQueries({ queryKey: ['xml-of', template, path] });
        throw error;
      }),
    );
  const review = () => run(async () => setPlan(await call<Plan>('PUT', template, { ...request, query: { dry_run: true } })));
  const save = () =>
    run(async () => {
      const { data, undo } = await exchange<unknown>('PUT', template, request);
      onSaved?.(data);
      if (undo && !isDomain(data)) toast.success(t('{{what}}: definition saved', { what }), undefined, undoOfEntry(cache, undo));
      onClose();
    });
  const take = (way: () => void) => () => {
    setPlan(null);
    setProblem(null);
    way();
  };
  const asked = busy ? null : meanwhile;
  return (
    <Dialog variant="large" onClose={onClose} aria-labelledby="xml-title">
      <ModalHeader title={title} labelId="xml-title" description={reason ?? t('What is saved. Secrets are masked, and stay as they are.')} />
      <ModalBody>
        {asked ? (
          <MeanwhileAlert name={what} keep={take(asked.keep)} reload={take(asked.reload)} />
        ) : problem ? (
          <ProblemAlert problem={problem} shownFields={errors.length > 0 ? ['/xml'] : []} />
        ) : null}
        {plan ? (
          <PlanView plan={plan} api={{ method: 'PUT', path: address(template, { path }), body: request.body, ifMatch: request.ifMatch }} />
        ) : (
          <Suspense fallback={<LoadingPage />}>
            <XmlEditor text={text} label={title} readOnly={reason !== null} errors={errors} onChange={(xml) => set({ xml })} />
          </Suspense>
        )}
      </ModalBody>
      <ModalFooter>
        {plan ? (
          <>
            <ReasonButton reason={asked ? CHOOSE() : null} onClick={() => void save()} isDisabled={busy} isLoading={busy}>
              {t('Save')}
            </ReasonButton>
            <Button variant="secondary" onClick={() => setPlan(null)}>
              {t('Back to the text')}
            </Button>
          </>
        ) : (
          <ReasonButton reason={reason ?? (asked ? CHOOSE() : touched ? null : t('Nothing is changed yet.'))} onClick={() => void review()} isDisabled={busy} isLoading={busy}>
            {t('Review the change')}
          </ReasonButton>
        )}
        <Button variant="link" onClick={onClose}>
          {touched ? t('Discard my changes') : t('Close')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}

const CHOOSE = () => t('Say above what is to become of your input.');
