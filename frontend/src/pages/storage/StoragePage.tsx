import './storage.css';
import { Button, Label, PageSection, Title } from '@patternfly/react-core';
import UploadIcon from '@patternfly/react-icons/dist/esm/icons/upload-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, problemOf } from '../../api/client';
import { useRooms } from '../../api/live';
import { useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import { POOL, storageKeys, usePools, type OfHost, type Pool } from '../../api/storage';
import { useUploads } from '../../api/uploads';
import { ReasonButton } from '../../components/DisabledReason';
import { MiniBar } from '../../components/MiniBar';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { UploadDialog } from './UploadDialog';
import { UploadRow } from './UploadRow';

/** The pools of all hosts, with the space that is left. */
export default function StoragePage() {
  const hosts = useHosts();
  const all = usePools(hosts);
  const running = useUploads();
  useRooms(all.map(({ host }) => `host:${host.id}`));
  const [uploading, setUploading] = useState<string | null>(null);
  const mayEdit = useCan('storage:edit');
  const reason = mayEdit ? null : t('Your role may look at storage, not change it.');
  const [first] = all;
  return (
    <>
      <PageHeader
        title={t('Storage')}
        subtitle={t('Pools of disk images and installation media')}
        actions={
          <ReasonButton reason={reason ?? (first ? null : t('No host is connected.'))} icon={<UploadIcon />} onClick={() => setUploading(first?.host.id ?? null)}>
            {t('Upload')}
          </ReasonButton>
        }
      />
      {running.length > 0 ? (
        <PageSection aria-label={t('Uploads')}>
          <ul className="qd-uploads">
            {running.map((upload) => (
              <li key={upload.id}>
                <UploadRow upload={upload} />
              </li>
            ))}
          </ul>
        </PageSection>
      ) : null}
      {all.map((one) => (
        <PageSection key={one.host.id}>
          {all.length > 1 ? (
            <Title headingLevel="h2" size="lg" className="qd-storage-host">
              {one.host.name}
            </Title>
          ) : null}
          <PoolTable one={one} reason={reason} onUpload={() => setUploading(one.host.id)} />
        </PageSection>
      ))}
      {uploading ? <UploadDialog host={uploading} onClose={() => setUploading(null)} /> : null}
    </>
  );
}

function PoolTable({ one, reason, onUpload }: { one: OfHost<Pool>; reason: string | null; onUpload: () => void }) {
  if (one.error) return <ProblemAlert problem={problemOf(one.error)} />;
  if (!one.items) return <LoadingPage />;
  if (one.items.length === 0) {
    return (
      <EmptyPage title={t('No storage pool')} actions={<Button variant="secondary" isDisabled onClick={onUpload}>{t('Upload')}</Button>}>
        {t('This host has no pool. Disks of machines lie in pools; make one with virsh pool-define-as.')}
      </EmptyPage>
    );
  }
  return (
    <Table aria-label={t('Pools of {{host}}', { host: one.host.name })} variant="compact">
      <Thead>
        <Tr>
          <Th>{t('Name')}</Th>
          <Th>{t('State')}</Th>
          <Th>{t('Type')}</Th>
          <Th>{t('Place')}</Th>
          <Th>{t('Used')}</Th>
          <Th>{t('Free')}</Th>
          <Th screenReaderText={t('Acts')} />
        </Tr>
      </Thead>
      <Tbody>
        {one.items.map((pool) => (
          <PoolRow key={pool.uuid} pool={pool} reason={reason} />
        ))}
      </Tbody>
    </Table>
  );
}

function PoolRow({ pool, reason }: { pool: Pool; reason: string | null }) {
  const used = pool.capacity_bytes > 0 ? (100 * (pool.capacity_bytes - pool.available_bytes)) / pool.capacity_bytes : null;
  return (
    <Tr>
      <Td dataLabel={t('Name')}>
        <Link to={paths.pool(pool.host, pool.name)}>{pool.name}</Link>
      </Td>
      <Td dataLabel={t('State')}>
        <PoolState pool={pool} />
      </Td>
      <Td dataLabel={t('Type')}>{pool.type}</Td>
      <Td dataLabel={t('Place')}>
        <span className="qd-path">{pool.path ?? pool.source}</span>
      </Td>
      <Td dataLabel={t('Used')}>
        <MiniBar percent={used} label={t('Used')} />
      </Td>
      <Td dataLabel={t('Free')}>{pool.active ? t('{{free}} of {{size}}', { free: formatBytes(pool.available_bytes), size: formatBytes(pool.capacity_bytes) }) : '–'}</Td>
      <Td isActionCell>
        <PoolActs pool={pool} reason={reason} />
      </Td>
    </Tr>
  );
}

/** Whether it runs, in a word. */
export function PoolState({ pool }: { pool: Pool }) {
  const color = pool.state === 'running' ? 'green' : pool.state === 'inactive' ? 'grey' : 'orange';
  const word = pool.state === 'running' ? t('Running') : pool.state === 'inactive' ? t('Off') : pool.state;
  return (
    <Label color={color} isCompact>
      {word}
    </Label>
  );
}

/** Start where it is off, else refresh. */
export function PoolActs({ pool, reason }: { pool: Pool; reason: string | null }) {
  const cache = useQueryClient();
  const [busy, setBusy] = useState(false);
  const act = pool.active ? 'refresh' : 'start';
  const run = async () => {
    setBusy(true);
    try {
      await call('POST', `${POOL}/${act}`, { path: { host: pool.host, pool: pool.name }, body: {} });
      await cache.invalidateQueries({ queryKey: storageKeys.pools(pool.host) });
    } catch (error) {
      toast.problem(pool.name, problemOf(error));
    }
    setBusy(false);
  };
  return (
    <ReasonButton reason={reason} variant="secondary" size="sm" isLoading={busy} isDisabled={busy} onClick={() => void run()}>
      {pool.active ? t('Refresh') : t('Start')}
    </ReasonButton>
  );
}
