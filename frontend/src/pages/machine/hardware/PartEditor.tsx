import { lazy, Suspense, useMemo } from 'react';
import { ReasonButton } from '../../../components/DisabledReason';
import { LoadingPage } from '../../../components/Pages';
import { t } from '../../../util/i18n';
import { errorLines } from '../xml/errors';
import type { HardwareState } from './useHardwareForm';

const XmlEditor = lazy(() => import('../xml/XmlEditor'));

/** The switch between form and XML, two views of the same that are in step. */
export function SideChoice({ state: { xml, showXml, hideXml } }: { state: HardwareState }) {
  const isXml = xml.text !== null;
  return (
    <ReasonButton variant="secondary" size="sm" reason={isXml ? null : xml.reason} onClick={() => void (isXml ? hideXml() : showXml())}>
      {isXml ? t('Show form') : t('Show XML')}
    </ReasonButton>
  );
}

/** The XML of the device or section, with what is wrong at its line. */
export function PartEditor({ state, title }: { state: HardwareState; title: string }) {
  const { xml, problem, planned } = state;
  const text = xml.text ?? '';
  const errors = useMemo(() => {
    const told = problem ? [problem.detail, problem.raw, ...(problem.errors ?? []).map((one) => one.detail)] : (planned.plan?.warnings ?? []);
    return errorLines(told, text);
  }, [problem, planned.plan, text]);
  return (
    <div className="qd-part">
      <p className="qd-dim">{state.adding ? t('What will be added, as libvirt gets it.') : t('What is saved, with your changes. Secrets are masked, and stay as they are.')}</p>
      <Suspense fallback={<LoadingPage />}>
        <XmlEditor text={text} label={t('XML of {{what}}', { what: title })} errors={errors} onChange={xml.type} />
      </Suspense>
    </div>
  );
}
