import { Alert, Button, Checkbox, DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Spinner, Title } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import type { Problem } from '../../api/types';
import { CancelButton } from '../../components/CancelButton';
import { JobProgress } from '../../components/JobProgress';
import { ProblemAlert } from '../../components/ProblemAlert';
import { Effects } from '../../components/ShowMe';
import type { Job } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { CancelJob } from '../../shell/JobCard';
import { t } from '../../util/i18n';
import { formatBytes, formatMib } from '../../util/units';
import type { SectionProps } from './parts';
import type { Planned } from './planned';
import type { Preview } from './usePreview';

interface Props extends SectionProps {
  preview: Preview;
  planned: Planned | null;
  /** Why it cannot be created yet. */
  blocked: string | null;
  problem: Problem | null;
  job: Job | null;
  busy: boolean;
  onCreate: () => void;
  onShow: () => void;
  onCancel: () => void;
}

/** What the form comes to, what is left on the host, and the button. */
export function Summary(props: Props) {
  const { draft, resolved, set, host, preview, planned, blocked, problem, job, busy } = props;
  return (
    <aside className="qd-summary" aria-label={t('Summary')}>
      <Title headingLevel="h2" size="lg">
        {resolved.name || t('New machine')} {preview.stale && blocked === null ? <Spinner size="md" aria-label={t('Planning')} /> : null}
      </Title>
      <DescriptionList isCompact isHorizontal horizontalTermWidthModifier={{ default: '6rem' }}>
        <Fact term={t('Host')}>{host.name}</Fact>
        <Fact term={t('System')}>{resolved.system?.name ?? t('Another system')}</Fact>
        <Fact term={t('Memory')}>
          {formatMib(resolved.memory_mib)}
          <Left text={memoryLeft(props)} />
        </Fact>
        <Fact term={t('vCPUs')}>{resolved.vcpus ?? '–'}</Fact>
        <Fact term={t('Disk')}>
          {diskWords(props)}
          <Left text={poolLeft(props)} />
        </Fact>
        <Fact term={t('Network')}>{resolved.nic.kind === 'none' ? t('none') : resolved.nic.name || '–'}</Fact>
        {planned ? (
          <Fact term={t('Type')}>{[planned.machine, planned.firmware, planned.accelerated ? t('KVM') : t('emulated')].filter(Boolean).join(' · ')}</Fact>
        ) : null}
      </DescriptionList>
      {preview.plan ? <Effects plan={{ ...preview.plan, effects: [] }} /> : null}
      {problem ? <ProblemAlert problem={problem} /> : null}
      {job ? (
        <div>
          <JobProgress job={job} title={t('Creating')} />
          <CancelJob job={job} />
        </div>
      ) : null}
      <Checkbox id="start" label={t('Start it when it is made')} description={t('Otherwise all its settings and hardware can be changed before its first start.')} isChecked={draft.start} onChange={(_, start) => set({ start })} />
      <Checkbox id="autostart" label={t('Start it with the host from then on')} isChecked={draft.autostart} onChange={(_, autostart) => set({ autostart })} />
      <div className="qd-summary-acts">
        <ReasonButton reason={blocked} onClick={props.onCreate} isLoading={busy} isDisabled={busy}>
          {draft.start ? t('Create and start') : t('Create')}
        </ReasonButton>
        <ReasonButton reason={blocked} variant="secondary" onClick={props.onShow}>
          {t('Show me')}
        </ReasonButton>
        {job ? (
          <Button variant="link" onClick={props.onCancel}>
            {t('Go on in the background')}
          </Button>
        ) : (
          <CancelButton onClick={props.onCancel} />
        )}
      </div>
      {blocked ? <Alert variant="info" isInline isPlain title={blocked} /> : null}
    </aside>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <DescriptionListGroup>
      <DescriptionListTerm>{term}</DescriptionListTerm>
      <DescriptionListDescription>{children}</DescriptionListDescription>
    </DescriptionListGroup>
  );
}

function Left({ text }: { text: string | null }) {
  return text ? <span className="qd-dim"> {text}</span> : null;
}

function memoryLeft({ draft, resolved, host }: Props): string | null {
  if (host.memory_free_mib === null || resolved.memory_mib === null || !draft.start) return null;
  const left = host.memory_free_mib - resolved.memory_mib * (draft.count ?? 1);
  return left < 0 ? t('({{size}} more than is free)', { size: formatMib(-left) }) : t('({{size}} left on the host)', { size: formatMib(left) });
}

function diskWords({ draft, resolved }: Props): string {
  if (resolved.diskKind === 'none') return t('none');
  if (resolved.diskKind === 'new') return `${formatMib(resolved.disk_mib)} ${resolved.format}`;
  const { volume } = draft;
  return volume === undefined ? '–' : 'path' in volume ? volume.path : volume.volume;
}

function poolLeft({ draft, resolved }: Props): string | null {
  const { pool, disk_mib: size } = resolved;
  if (resolved.diskKind !== 'new' || !pool || size === null) return null;
  const left = pool.available_bytes - size * 1024 ** 2 * (draft.count ?? 1);
  if (left < 0) return t('({{size}} more than pool {{pool}} has)', { size: formatBytes(-left), pool: pool.name });
  return t('({{size}} left in {{pool}} when full)', { size: formatBytes(left), pool: pool.name });
}
