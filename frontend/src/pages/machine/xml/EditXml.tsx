import { Alert, Button } from '@patternfly/react-core';
import { lazy, Suspense, useMemo, useState } from 'react';
import type { Domain } from '../../../api/types';
import { useAttempt } from '../../../api/useAttempt';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { planOf, type DomainChange } from '../change';
import { ReviewDialog } from '../ReviewDialog';
import { useUndo } from '../undo';
import { useLeaveGuard } from '../useLeaveGuard';
import { errorLines } from './errors';

const XmlEditor = lazy(() => import('./XmlEditor'));

interface Props {
  domain: Domain;
  text: string;
  /** The version that the text is. */
  etag: string;
  onEnd: () => void;
}

/** The editor: checked by libvirt's schema before anything is shown, shown as a difference before anything is saved. */
export function EditXml({ domain, text: before, etag, onEnd }: Props) {
  const [text, setText] = useState(before);
  const [base, setBase] = useState(etag);
  const { attempt, busy, problem, setProblem } = useAttempt();
  const [reviewing, setReviewing] = useState(false);
  const change = useMemo<DomainChange>(() => ({ method: 'PUT', path: '/xml', body: { xml: text } }), [text]);
  const errors = useMemo(() => (problem ? errorLines([problem.detail, problem.raw, ...(problem.errors ?? []).map((one) => one.detail)], text) : []), [problem, text]);
  const guard = useLeaveGuard(text !== before);
  const undo = useUndo();

  const review = () =>
    attempt(async () => {
      await planOf(domain, change, base);
      setReviewing(true);
    });
  const changed = problem?.type.endsWith('/changed-meanwhile') || base !== domain.etag;
  return (
    <>
      <div className="qd-bar-of-controls">
        <Button onClick={() => void review()} isDisabled={busy || text === before} isLoading={busy}>
          {t('Review the change')}
        </Button>
        <Button variant="link" onClick={onEnd}>
          {text === before ? t('Cancel') : t('Discard my changes')}
        </Button>
        <span className="qd-dim">{t('The saved definition; it takes effect at the next start. Masked secrets stay as they are.')}</span>
      </div>
      {changed ? (
        <Alert
          variant="warning"
          isInline
          title={t('Somebody changed the machine meanwhile')}
          actionLinks={
            <Button variant="link" isInline onClick={() => { setBase(domain.etag); setProblem(null); }}>
              {t('Go on with my text')}
            </Button>
          }
        >
          {t('Your text was made from an older definition. If you go on, the review shows what it would undo.')}
        </Alert>
      ) : problem ? (
        <ProblemAlert problem={problem} shownFields={['/xml']} />
      ) : null}
      <Suspense fallback={<LoadingPage />}>
        <XmlEditor text={text} label={t('Definition')} errors={errors} onChange={setText} />
      </Suspense>
      {reviewing ? (
        <ReviewDialog
          title={t('Change the definition of {{name}}', { name: domain.name })}
          verb={t('Save the definition')}
          domain={domain}
          change={change}
          etag={base}
          onClose={() => setReviewing(false)}
          onProblem={(refusal) => {
            setProblem(refusal);
            setReviewing(false);
          }}
          onDone={(answer) => {
            toast.success(t('{{name}}: definition saved', { name: domain.name }), undefined, undo(answer));
            onEnd();
          }}
        />
      ) : null}
      {guard}
    </>
  );
}
