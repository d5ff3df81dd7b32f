import './history/history.css';
import { Breadcrumb, BreadcrumbItem, FormSelectOption, Label, PageSection, Title } from '@patternfly/react-core';
import TemplateIcon from '@patternfly/react-icons/dist/esm/icons/layer-group-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { unread } from '../../api/client';
import { useRoom } from '../../api/live';
import { queries } from '../../api/queries';
import { templateVersions, VERSIONS, type TemplateVersion } from '../../api/templates';
import type { Domain } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { FormSelect } from '../../components/inputs';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { CloneDialog } from '../../dialogs/clone/CloneDialog';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import { ChangeList } from './history/ChangeList';
import { DefinitionDiff } from './history/DefinitionDiff';

/** What a template was and is: its versions, what each changed, and which machines were made of it. */
export default function TemplateVersionsPage() {
  const { host = '', uuid = '' } = useParams();
  useRoom(`domain:${host}:${uuid}`);
  const domain = useQuery(queries.domain(host, uuid));
  const problem = unread(domain);
  if (problem) return <ErrorPage problem={problem} retry={domain.refetch} />;
  if (!domain.data) return <LoadingPage />;
  return <Versions domain={domain.data} />;
}

type Open = { act: 'deploy' | 'remove'; version: TemplateVersion } | null;

function Versions({ domain }: { domain: Domain }) {
  const found = useQuery(templateVersions(domain));
  const [open, setOpen] = useState<Open>(null);
  const problem = unread(found);
  if (problem) return <ErrorPage problem={problem} retry={found.refetch} />;
  if (!found.data) return <LoadingPage />;
  const machine = <Link to={paths.machine(domain.host, domain.uuid)}>{domain.name}</Link>;
  return (
    <>
      <PageHeader
        title={t('Versions of {{name}}', { name: domain.name })}
        subtitle={domain.template ? t('Each change of the template is a version; machines can be made of any.') : t('It is no template at present. What it was as one stays here.')}
        before={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={paths.machines}>{t('Machines')}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem>{machine}</BreadcrumbItem>
            <BreadcrumbItem isActive>{t('Versions')}</BreadcrumbItem>
          </Breadcrumb>
        }
      />
      <PageSection>
        {found.data.length === 0 ? (
          <EmptyPage title={t('{{name}} never was a template', { name: domain.name })} icon={TemplateIcon} actions={machine}>
            {t('“Make it a template” on its page keeps it to make others from it.')}
          </EmptyPage>
        ) : (
          <div className="qd-stack">
            <VersionTable domain={domain} versions={found.data} onOpen={setOpen} />
            <Compare domain={domain} versions={found.data} />
          </div>
        )}
      </PageSection>
      {open?.act === 'deploy' ? <Deploy domain={domain} version={open.version} onClose={() => setOpen(null)} /> : null}
      {open?.act === 'remove' ? <Remove domain={domain} version={open.version} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function VersionTable({ domain, versions, onOpen }: { domain: Domain; versions: TemplateVersion[]; onOpen: (open: Open) => void }) {
  const [version, since, who, changed, machines] = [t('Version'), t('Since'), t('Who'), t('What changed'), t('Its machines')];
  return (
    <Table aria-label={t('Versions')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          {[version, since, who, changed, machines].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {versions.map((one) => (
          <Tr key={one.version}>
            <Td dataLabel={version} modifier="nowrap">
              {one.version}{' '}
              {one.current ? (
                <Label isCompact color="green">
                  {t('today’s')}
                </Label>
              ) : null}
            </Td>
            <Td dataLabel={since}>{formatTime(one.time)}</Td>
            <Td dataLabel={who}>{one.user ?? <span className="qd-dim">{t('outside Quarterdeck')}</span>}</Td>
            <Td dataLabel={changed} className="qd-changes">
              {one.changes.length > 0 ? <ChangeList changes={one.changes} most={3} /> : <span className="qd-dim">{one === versions.at(-1) ? t('the first that is known') : t('nothing but its number')}</span>}
            </Td>
            <Td dataLabel={machines} modifier="breakWord">
              {one.machines.length > 0 ? one.machines.map((name) => <MachineLink key={name} name={name} />) : <span className="qd-dim">{t('none')}</span>}
            </Td>
            <Td modifier="nowrap">
              <ReasonButton
                variant="secondary"
                size="sm"
                reason={domain.actions['clone'] ?? one.deploy}
                aria-label={t('Make a machine of version {{version}}', { version: one.version })}
                onClick={() => onOpen({ act: 'deploy', version: one })}
              >
                {t('Make a machine')}
              </ReasonButton>{' '}
              <ReasonButton variant="link" size="sm" isDanger reason={domain.actions['delete'] ?? one.remove} aria-label={t('Remove version {{version}}', { version: one.version })} onClick={() => onOpen({ act: 'remove', version: one })}>
                {t('Remove')}
              </ReasonButton>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function MachineLink({ name }: { name: string }) {
  return (
    <>
      <Link to={`${paths.machines}?q=${encodeURIComponent(`name:${name}`)}`}>{name}</Link>{' '}
    </>
  );
}

/** Any two versions beside each other. */
function Compare({ domain, versions }: { domain: Domain; versions: TemplateVersion[] }) {
  const [pair, setPair] = useState<[number, number] | null>(null);
  const [newest, before] = versions;
  if (!newest || !before) return <p className="qd-dim">{t('With a second version the two can be compared here.')}</p>;
  const [from, to] = (pair ?? [before.version, newest.version]).map((number) => versions.find((one) => one.version === number) ?? newest) as [TemplateVersion, TemplateVersion];
  const choice = (label: string, value: TemplateVersion, onChoice: (version: number) => void) => (
    <FormSelect aria-label={label} value={value.version} onChange={(_, next) => onChoice(Number(next))} className="qd-version-choice">
      {versions.map((one) => (
        <FormSelectOption key={one.version} value={one.version} label={t('Version {{number}}', { number: one.version })} />
      ))}
    </FormSelect>
  );
  return (
    <section className="qd-stack" aria-label={t('Compare')}>
      <Title headingLevel="h2" size="lg">
        {t('Compare')}
      </Title>
      <div className="qd-versions">
        {choice(t('From version'), from, (version) => setPair([version, to.version]))} <span aria-hidden>→</span> {choice(t('To version'), to, (version) => setPair([from.version, version]))}
      </div>
      <DefinitionDiff domain={domain} from={from.number} to={to.number} names={[t('version {{number}}', { number: from.version }), t('version {{number}}', { number: to.version })]} />
    </section>
  );
}

interface DialogProps {
  domain: Domain;
  version: TemplateVersion;
  onClose: () => void;
}

function useReread({ host, uuid }: Domain) {
  const cache = useQueryClient();
  return () => void cache.invalidateQueries({ queryKey: ['template-versions', host, uuid] });
}

function Deploy({ domain, version: { version }, onClose }: DialogProps) {
  const reread = useReread(domain);
  return (
    <CloneDialog
      domain={domain}
      source={{ template: `${VERSIONS}/{version}/clone`, path: { host: domain.host, uuid: domain.uuid, version: String(version) } }}
      title={t('New machine of {{name}}, version {{version}}', { name: domain.name, version })}
      proposed={`${domain.name}-v${version}`}
      linked={{ help: t('Made at once, and small; the disks of this version must stay as long as the new machine exists.') }}
      onClose={() => {
        reread();
        onClose();
      }}
    />
  );
}

function Remove({ domain, version: { version }, onClose }: DialogProps) {
  const reread = useReread(domain);
  const title = t('Remove version {{version}}', { version });
  return (
    <PlannedDialog
      title={title}
      description={domain.name}
      verb={t('Remove')}
      danger
      change={{ method: 'DELETE', template: `${VERSIONS}/{version}`, path: { host: domain.host, uuid: domain.uuid, version: String(version) } }}
      done={`${domain.name}: ${title}`}
      onDone={reread}
      onClose={onClose}
    >
      {() => <p>{t('Machines that were made of it stay, with what their disks stand on.')}</p>}
    </PlannedDialog>
  );
}
