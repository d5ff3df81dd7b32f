import { Alert, Button, ModalBody, ModalFooter, ModalHeader, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useState } from 'react';
import type { Plan, Problem } from '../api/types';
import { curl, type ApiCall } from '../util/curl';
import { fieldTitle } from '../util/fields';
import { t } from '../util/i18n';
import { CodeView } from './CodeView';
import { Dialog } from './Dialog';
import { LoadingPage } from './Pages';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  title: string;
  /** Undefined while the server makes it. */
  plan: Plan | undefined;
  problem?: Problem | null;
  api: ApiCall;
  onClose: () => void;
}

/** What a change would do, before it does it: XML diff, equal command, API call; nothing is touched. */
export function ShowMe({ title, plan, problem, api, onClose }: Props) {
  return (
    <Dialog variant="large" onClose={onClose} aria-labelledby="show-me-title">
      <ModalHeader title={title} labelId="show-me-title" description={t('Nothing has been changed yet.')} />
      <ModalBody tabIndex={0} aria-label={title}>
        {problem ? <ProblemAlert problem={problem} /> : null}
        {!plan && !problem ? <LoadingPage /> : null}
        {plan ? <PlanView plan={plan} api={api} /> : null}
      </ModalBody>
      <ModalFooter>
        <Button variant="secondary" onClick={onClose} autoFocus>
          {t('Back')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}

/** The three ways to look at a plan, for dialogs of their own. */
export function PlanView({ plan, api }: { plan: Plan; api: ApiCall }) {
  const [tab, setTab] = useState<string | number>(plan.file_diff ? 'files' : plan.xml_diff ? 'diff' : 'command');
  return (
    <>
      <Effects plan={plan} />
      <Tabs activeKey={tab} onSelect={(_, key) => setTab(key)} aria-label={t('Ways to look at the change')}>
        {plan.file_diff ? (
          <Tab eventKey="files" title={<TabTitleText>{t('Files')}</TabTitleText>}>
            <CodeView diff text={plan.file_diff} label={t('Difference of the files')} />
          </Tab>
        ) : null}
        {plan.file_diff && !plan.xml_diff ? null : (
          <Tab eventKey="diff" title={<TabTitleText>{t('XML')}</TabTitleText>}>
            {plan.xml_diff ? <CodeView diff text={plan.xml_diff} label={t('XML difference')} /> : <p className="qd-pad">{t('The definition stays as it is.')}</p>}
          </Tab>
        )}
        <Tab eventKey="command" title={<TabTitleText>{t('Command')}</TabTitleText>}>
          {plan.commands.length > 0 ? <CodeView text={plan.commands.join('\n')} label={t('Command')} /> : <p className="qd-pad">{t('No single command does the same.')}</p>}
        </Tab>
        <Tab eventKey="api" title={<TabTitleText>{t('API call')}</TabTitleText>}>
          <CodeView text={curl(location.origin, api)} label={t('API call')} />
        </Tab>
      </Tabs>
    </>
  );
}

/** When each field takes effect, and what to mind. Also for the foot of a form. */
export function Effects({ plan }: { plan: Plan }) {
  const live = plan.effects.filter((effect) => effect.when === 'live').map((effect) => effect.field);
  const later = plan.effects.filter((effect) => effect.when === 'next_start').map((effect) => effect.field);
  return (
    <>
      {plan.warnings.map((warning) => (
        <Alert key={warning} variant="warning" isInline isPlain title={warning} />
      ))}
      {plan.notes.map((note) => (
        <Alert key={note} variant="info" isInline isPlain title={note} />
      ))}
      {live.length > 0 ? <Alert variant="success" isInline isPlain title={t('Takes effect now: {{fields}}', { fields: titles(live) })} /> : null}
      {later.length > 0 ? <Alert variant="info" isInline isPlain title={t('Takes effect at the next start: {{fields}}', { fields: titles(later) })} /> : null}
    </>
  );
}

const titles = (fields: string[]): string => [...new Set(fields.map(fieldTitle))].join(', ');
