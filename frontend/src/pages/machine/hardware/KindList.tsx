import { ModalBody, ModalFooter, ModalHeader, SearchInput, Spinner } from '@patternfly/react-core';
import { useState } from 'react';
import { problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { CancelButton } from '../../../components/CancelButton';
import { Dialog } from '../../../components/Dialog';
import { ReasonButton } from '../../../components/DisabledReason';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { t } from '../../../util/i18n';
import type { useKinds } from './forms';
import type { FormView } from './forms/values';

interface Props {
  domain: Domain;
  known: ReturnType<typeof useKinds>;
  onKind: (id: string) => void;
  onClose: () => void;
}

/** All kinds of hardware, each with a sentence; what the host or the machine cannot have says why. */
export function KindList({ domain, known, onKind, onClose }: Props) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = known.kinds.map(({ view }) => view).filter((view) => view.adds && `${view.title} ${view.type} ${view.help}`.toLowerCase().includes(wanted));
  return (
    <Dialog variant="medium" position="top" onClose={onClose} aria-labelledby="kinds-title">
      <ModalHeader title={t('Add hardware to {{name}}', { name: domain.name })} labelId="kinds-title" />
      <ModalBody tabIndex={0} aria-label={t('Kinds of hardware')}>
        <div className="qd-stack">
          <SearchInput autoFocus aria-label={t('Search hardware')} placeholder={t('Search hardware')} value={text} onChange={(_, next) => setText(next)} onClear={() => setText('')} />
          {known.error ? <ProblemAlert problem={problemOf(known.error)} /> : null}
          {known.loading ? <Spinner aria-label={t('Reading …')} /> : null}
          {!known.loading && !known.error && found.length === 0 ? <p className="qd-dim">{t('There is no hardware called “{{text}}”.', { text: text.trim() })}</p> : null}
          <ul className="qd-kinds" aria-label={t('Kinds of hardware')}>
            {found.map((view) => (
              <Entry key={view.id} view={view} onKind={onKind} />
            ))}
          </ul>
        </div>
      </ModalBody>
      <ModalFooter>
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}

function Entry({ view, onKind }: { view: FormView; onKind: (id: string) => void }) {
  return (
    <li>
      <ReasonButton variant="link" isInline reason={view.reason} onClick={() => onKind(view.id)}>
        {view.title}
      </ReasonButton>
      <div className="qd-dim">{view.reason ?? view.help}</div>
    </li>
  );
}
