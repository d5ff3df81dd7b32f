import { Breadcrumb, BreadcrumbItem, PageSection } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { call, problemOf } from '../../api/client';
import { useLooked } from '../../api/looked';
import { useHosts } from '../../api/queries';
import type { components } from '../../api/schema';
import { useCan } from '../../api/session';
import type { Domain } from '../../api/types';
import { ConfirmDialog } from '../../components/ConfirmDialog';
import { ReasonButton } from '../../components/DisabledReason';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { PlanButton } from '../../dialogs/PlanButton';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';

type Deleted = components['schemas']['DeletedDomain'];

const ALL = '/hosts/{host}/deleted-domains';

/** Machines that are gone, with the way to define them again for as long as their history is kept. */
export default function DeletedPage() {
  const hosts = useLooked(useHosts());
  const lists = useQueries({
    queries: hosts.map(({ id }) => ({ queryKey: ['deleted', id], staleTime: 0, queryFn: () => call<Deleted[]>('GET', ALL, { path: { host: id } }) })),
  });
  const [open, setOpen] = useState<Deleted | null>(null);
  const all = lists.flatMap((list) => list.data ?? []);
  return (
    <>
      <PageHeader
        title={t('Deleted machines')}
        subtitle={t('Definitions are kept for 30 days after a machine is gone. Disks that were erased do not come back.')}
        before={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={paths.machines}>{t('Machines')}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem isActive>{t('Deleted machines')}</BreadcrumbItem>
          </Breadcrumb>
        }
      />
      <PageSection>
        {lists.map((list, index) => (list.error ? <ProblemAlert key={hosts[index]?.id} problem={problemOf(list.error)} /> : null))}
        {lists.some((list) => list.isPending) ? (
          <LoadingPage />
        ) : all.length === 0 ? (
          lists.some((list) => list.error) ? null : <EmptyPage title={t('No machine was deleted lately')} />
        ) : (
          <DeletedTable machines={all} onDefine={setOpen} />
        )}
      </PageSection>
      {open ? <DefineAgain machine={open} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function DeletedTable({ machines, onDefine }: { machines: Deleted[]; onDefine: (machine: Deleted) => void }) {
  const reason = useCan('domain:create') ? null : t('Your role may look at machines, not make any.');
  const [name, host, time, user, count] = [t('Name'), t('Host'), t('Gone since'), t('By'), t('Definitions')];
  return (
    <Table aria-label={t('Deleted machines')} variant="compact">
      <Thead>
        <Tr>
          {[name, host, time, user, count].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {machines.map((machine) => (
          <Tr key={`${machine.host}/${machine.uuid}`}>
            <Td dataLabel={name}>{machine.name}</Td>
            <Td dataLabel={host}>
              {machine.host} {machine.moved_to.length > 0 ? <span className="qd-dim">{t('now on {{hosts}}', { hosts: machine.moved_to.join(', ') })}</span> : null}
            </Td>
            <Td dataLabel={time}>{formatTime(machine.time)}</Td>
            <Td dataLabel={user}>{machine.user ?? <span className="qd-dim">{t('outside Quarterdeck')}</span>}</Td>
            <Td dataLabel={count}>{machine.definitions}</Td>
            <Td isActionCell>
              <ReasonButton reason={reason} variant="secondary" size="sm" onClick={() => onDefine(machine)} aria-label={t('Define again: {{name}}', { name: machine.name })}>
                {t('Define again')}
              </ReasonButton>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function DefineAgain({ machine, onClose }: { machine: Deleted; onClose: () => void }) {
  const navigate = useNavigate();
  const request = { path: { host: machine.host, uuid: machine.uuid }, body: {} };
  const define = async () => {
    const made = await call<Domain>('POST', `${ALL}/{uuid}/define`, request);
    toast.success(t('{{name}} is defined again', { name: made.name }));
    void navigate(paths.machine(made.host, made.uuid));
  };
  return (
    <ConfirmDialog
      title={t('Define {{name}} again?', { name: machine.name })}
      verb={t('Define again')}
      onConfirm={define}
      toProblem={problemOf}
      extra={<PlanButton title={t('Define {{name}} again', { name: machine.name })} method="POST" template={`${ALL}/{uuid}/define`} {...request} />}
      onClose={onClose}
    >
      <p>{t('It gets the last definition that it had, with its UUID and addresses, and stays off. Passwords are not kept; disks are as they are now.')}</p>
    </ConfirmDialog>
  );
}
