import { Alert, ClipboardCopy, ExpandableSection } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { Problem } from '../api/types';
import { pointerTitle } from '../util/fields';
import { t } from '../util/i18n';

interface Props {
  problem: Problem;
  /** Pointers of the fields that show their error themselves; the others are listed here. */
  shownFields?: readonly string[];
  actions?: ReactNode;
  onClose?: () => void;
}

/** What went wrong, what to do, and libvirt's own words one click away. */
export function ProblemAlert({ problem, shownFields = [], actions }: Props) {
  const others = (problem.errors ?? []).filter((error) => !shownFields.includes(error.pointer));
  // Of several faults the list says more than that there are some.
  const listed = others.some((error) => error.detail === problem.detail) || (others.length > 1 && problem.type.endsWith('/invalid-input'));
  return (
    <Alert variant="danger" isInline title={problem.title} actionLinks={actions}>
      {listed || problem.detail === `${problem.title}.` ? null : <p>{problem.detail}</p>}
      {others.length > 0 && (
        <ul className="qd-bullets">
          {others.map((error) => (
            <li key={error.pointer + error.detail}>
              {pointerTitle(error.pointer)}: {error.detail}
            </li>
          ))}
        </ul>
      )}
      {problem.cure ? <p className="qd-cure">{problem.cure}</p> : null}
      {problem.raw ? <RawText text={problem.raw} /> : null}
    </Alert>
  );
}

function RawText({ text }: { text: string }) {
  return (
    <ExpandableSection toggleText={t('Details from the host')}>
      <ClipboardCopy isReadOnly isExpanded variant="expansion" hoverTip={t('Copy')} clickTip={t('Copied')}>
        {text}
      </ClipboardCopy>
    </ExpandableSection>
  );
}
