import './storage.css';
import { PageSection, Title } from '@patternfly/react-core';
import DownloadIcon from '@patternfly/react-icons/dist/esm/icons/download-icon';
import UploadIcon from '@patternfly/react-icons/dist/esm/icons/upload-icon';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useState } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import { useRooms } from '../../api/live';
import { useLooked } from '../../api/looked';
import { useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import { placeOf, usePools, type OfHost, type Pool } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { LastChange } from '../../components/LastChange';
import { MiniBar } from '../../components/MiniBar';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { LostHosts } from '../hosts/LostHosts';
import { DownloadDialog } from './DownloadDialog';
import { PoolActs, PoolState } from './PoolActs';
import { PoolDialog } from './PoolDialog';
import { UnderWay } from './UnderWay';
import { UnusedDialog } from './UnusedDialog';
import { UploadDialog } from './UploadDialog';

/** The pools of all hosts, with the space that is left. */
export default function StoragePage() {
  const hosts = useLooked(useHosts());
  const all = usePools(hosts);
  useRooms(all.map(({ host }) => `host:${host.id}`));
  const [uploading, setUploading] = useState<string | null>(null);
  const mayEdit = useCan('storage:edit');
  const reason = mayEdit ? null : t('Your role may look at storage, not change it.');
  const [seeking, setSeeking] = useState(false);
  const [making, setMaking] = useState<string | null>(null);
  const [downloading, setDownloading] = useState<string | null>(null);
  const connected = all.map(({ host }) => host);
  const [first] = all;
  const none = first ? null : t('No host is connected.');
  return (
    <>
      <PageHeader
        title={t('Storage')}
        subtitle={t('Pools of disk images and installation media')}
        actions={
          <div className="qd-toolbar">
            <ReasonButton variant="link" reason={none} onClick={() => setSeeking(true)}>
              {t('Unused volumes')}
              </ReasonButton>
            <ReasonButton reason={reason ?? none} variant="secondary" icon={<DownloadIcon />} onClick={() => setDownloading(first?.host.id ?? null)}>
              {t('Download from URL')}
            </ReasonButton>
            <ReasonButton variant="secondary" reason={reason ?? none} icon={<UploadIcon />} onClick={() => setUploading(first?.host.id ?? null)}>
              {t('Upload')}
            </ReasonButton>
            <ReasonButton reason={reason ?? none} onClick={() => setMaking(first?.host.id ?? null)}>
              {t('New pool')}
            </ReasonButton>
          </div>
        }
      />
      <UnderWay />
      {all.map((one) => (
        <PageSection key={one.host.id}>
          {hosts.length > 1 ? (
            <Title headingLevel="h2" size="lg" className="qd-storage-host">
              {one.host.name}
            </Title>
          ) : null}
          <PoolTable one={one} reason={reason} onNew={() => setMaking(one.host.id)} />
        </PageSection>
      ))}
      <LostHosts hosts={hosts} />
      {seeking ? <UnusedDialog hosts={connected} reason={reason} onClose={() => setSeeking(false)} /> : null}
      {making ? <PoolDialog host={making} hosts={connected} onClose={() => setMaking(null)} /> : null}
      {downloading ? <DownloadDialog host={downloading} hosts={connected} onClose={() => setDownloading(null)} /> : null}
      {uploading ? <UploadDialog host={uploading} hosts={connected} onClose={() => setUploading(null)} /> : null}
    </>
  );
}

function PoolTable({ one, reason, onNew }: { one: OfHost<Pool>; reason: string | null; onNew: () => void }) {
  if (one.error) return <ProblemAlert problem={problemOf(one.error)} />;
  if (!one.items) return <LoadingPage />;
  if (one.items.length === 0) {
    return (
      <EmptyPage title={t('No storage pool')} actions={<ReasonButton reason={reason} onClick={onNew}>{t('New pool')}</ReasonButton>}>
        {t('This host has no pool yet. Disks of machines lie in pools: a folder of the host is the simplest.')}
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
          <Th modifier="fitContent">{t('Changed')}</Th>
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
      <Td dataLabel={t('Type')}>{pool.type_title}</Td>
      <Td dataLabel={t('Place')}>
        <span className="qd-path">{placeOf(pool)}</span>
      </Td>
      <Td dataLabel={t('Used')}>
        <MiniBar percent={used} label={t('Used')} />
      </Td>
      <Td dataLabel={t('Free')} modifier="nowrap">{pool.active ? t('{{free}} of {{size}}', { free: formatBytes(pool.available_bytes), size: formatBytes(pool.capacity_bytes) }) : '–'}</Td>
      <Td dataLabel={t('Changed')}>
        <LastChange change={pool.changed} />
      </Td>
      <Td isActionCell>
        <PoolActs pool={pool} reason={reason} />
      </Td>
    </Tr>
  );
}
