import { Button, PageSection } from '@patternfly/react-core';
import KeyIcon from '@patternfly/react-icons/dist/esm/icons/key-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, problemOf, unread } from '../api/client';
import { useCan } from '../api/session';
import { SSH_KEYS, sshKeys, type SshKey } from '../api/sshKeys';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { ReasonButton } from '../components/DisabledReason';
import { PageHeader } from '../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../components/Pages';
import { SshKeyAdd } from '../dialogs/SshKeyAdd';
import { SshKeyMake } from '../dialogs/SshKeyMake';
import { t } from '../util/i18n';
import { formatTime } from '../util/time';

/** The public keys that one gives to new machines. */
export default function SshKeysPage() {
  const may = useCan('domain:create');
  const reason = may ? null : t('Your role makes no machines, so it has no keys to give them. Ask an administrator of the host.');
  const keys = useQuery({ ...sshKeys(), enabled: may });
  const [open, setOpen] = useState<'add' | 'make' | SshKey | null>(null);
  const problem = unread(keys);
  if (problem) return <ErrorPage problem={problem} retry={keys.refetch} />;
  const acts = (
    <div className="qd-toolbar">
      <ReasonButton reason={reason} variant="secondary" onClick={() => setOpen('make')}>
        {t('Make a key')}
      </ReasonButton>
      <ReasonButton reason={reason} onClick={() => setOpen('add')}>
        {t('Add a key')}
      </ReasonButton>
    </div>
  );
  return (
    <>
      <PageHeader title={t('SSH keys')} subtitle={t('Public keys of yours, to be chosen for new machines. Nobody else sees them here.')} actions={acts} />
      <PageSection>
        {reason ? (
          <EmptyPage title={t('No keys')} icon={KeyIcon}>
            {reason}
          </EmptyPage>
        ) : !keys.data ? (
          <LoadingPage />
        ) : keys.data.length === 0 ? (
          <EmptyPage title={t('You have no keys here yet')} icon={KeyIcon}>
            {t('Add the line of your .pub file, or have a pair made here and download its private part.')}
          </EmptyPage>
        ) : (
          <KeyTable keys={keys.data} onDelete={setOpen} />
        )}
      </PageSection>
      {open === 'add' ? <SshKeyAdd onClose={() => setOpen(null)} /> : null}
      {open === 'make' ? <SshKeyMake onClose={() => setOpen(null)} /> : null}
      {open && typeof open === 'object' ? <DeleteKey sshKey={open} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function KeyTable({ keys, onDelete }: { keys: SshKey[]; onDelete: (key: SshKey) => void }) {
  const [name, type, print, added] = [t('Name'), t('Kind'), t('Fingerprint'), t('Added')];
  return (
    <Table aria-label={t('SSH keys')} variant="compact" gridBreakPoint="grid-lg">
      <Thead>
        <Tr>
          {[name, type, print, added].map((label) => (
            <Th key={label}>{label}</Th>
          ))}
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {keys.map((key) => (
          <Tr key={key.id}>
            <Td dataLabel={name} modifier="breakWord">
              {key.name}
            </Td>
            <Td dataLabel={type}>{key.type}</Td>
            <Td dataLabel={print} modifier="breakWord">
              <span className="qd-path">{key.fingerprint}</span>
            </Td>
            <Td dataLabel={added}>{formatTime(key.created)}</Td>
            <Td isActionCell>
              <Button variant="secondary" size="sm" onClick={() => onDelete(key)} aria-label={t('Delete {{name}}', { name: key.name })}>
                {t('Delete')}
              </Button>
            </Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function DeleteKey({ sshKey, onClose }: { sshKey: SshKey; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = async () => {
    await call('DELETE', `${SSH_KEYS}/{id}`, { path: { id: sshKey.id } });
    await cache.invalidateQueries(sshKeys());
  };
  return (
    <ConfirmDialog title={t('Delete the key {{name}}?', { name: sshKey.name })} verb={t('Delete')} danger onConfirm={remove} toProblem={problemOf} onClose={onClose}>
      <p>{t('Machines that have the key keep it; it is only no longer offered for new ones.')}</p>
    </ConfirmDialog>
  );
}
