import './storage.css';
import { Breadcrumb, BreadcrumbItem, PageSection } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { unread } from '../../api/client';
import { useRoom } from '../../api/live';
import { useCan } from '../../api/session';
import { lacks, placeOf, POOL, storageKeys, storageQueries, type Pool } from '../../api/storage';
import { ReasonButton } from '../../components/DisabledReason';
import { LastChange } from '../../components/LastChange';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, ErrorPage, LoadingPage } from '../../components/Pages';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { HostLabel } from '../hosts/HostLabel';
import { XmlButton } from '../xml/XmlButton';
import { DownloadDialog } from './DownloadDialog';
import { PoolActs, PoolState, StartPool, unusable } from './PoolActs';
import { PoolNotices } from './PoolNotices';
import { UnderWay } from './UnderWay';
import { UploadDialog } from './UploadDialog';
import { VolumeCreateDialog } from './VolumeCreateDialog';
import { Volumes } from './Volumes';

type Open = { kind: 'upload' } | { kind: 'download' } | { kind: 'create' } | null;

/** One pool: its volumes, who uses them, and what can be done with them. */
export default function PoolPage() {
  const { host = '', pool: name = '' } = useParams();
  const cache = useQueryClient();
  const navigate = useNavigate();
  useRoom(`host:${host}`);
  const pools = useQuery(storageQueries.pools(host));
  const pool = pools.data?.find((known) => known.name === name);
  const [open, setOpen] = useState<Open>(null);
  const mayEdit = useCan('storage:edit');
  const reason = mayEdit ? null : t('Your role may look at storage, not change it.');
  const changed = () => void cache.invalidateQueries({ queryKey: storageKeys.pools(host) });
  const problem = unread(pools);
  if (problem) return <ErrorPage problem={problem} retry={pools.refetch} />;
  if (!pools.data) return <LoadingPage />;
  if (!pool) return <EmptyPage title={t('There is no pool {{name}}', { name })} actions={<Link to={paths.storage}>{t('All pools')}</Link>} />;
  const off = unusable(pool);
  return (
    <>
      <PageHeader
        title={pool.name}
        before={
          <Breadcrumb>
            <BreadcrumbItem>
              <Link to={paths.storage}>{t('Storage')}</Link>
            </BreadcrumbItem>
            <BreadcrumbItem isActive>{pool.name}</BreadcrumbItem>
          </Breadcrumb>
        }
        aside={
          <>
            <PoolState pool={pool} /> <HostLabel host={host} />
          </>
        }
        subtitle={
          <>
            {pool.type_title} · <span className="qd-path">{placeOf(pool)}</span>
            {pool.active ? ` · ${t('{{free}} of {{size}} free', { free: formatBytes(pool.available_bytes), size: formatBytes(pool.capacity_bytes) })}` : ''}
            {pool.persistent ? ` · ${pool.autostart ? t('starts with the host') : t('does not start with the host')}` : ''}
            {pool.changed ? (
              <>
                {' · '}
                {t('Last change')}: <LastChange change={pool.changed} />
              </>
            ) : null}
          </>
        }
        actions={
          <div className="qd-toolbar">
            <ReasonButton reason={reason ?? off ?? lacks(pool, 'create')} variant="secondary" onClick={() => setOpen({ kind: 'create' })}>
              {t('New volume')}
            </ReasonButton>
            <ReasonButton reason={reason ?? off ?? lacks(pool, 'create') ?? lacks(pool, 'upload')} variant="secondary" onClick={() => setOpen({ kind: 'download' })}>
              {t('Download from URL')}
            </ReasonButton>
            <ReasonButton reason={reason ?? off ?? lacks(pool, 'create') ?? lacks(pool, 'upload')} onClick={() => setOpen({ kind: 'upload' })}>
              {t('Upload')}
            </ReasonButton>
            <XmlButton what={pool.name} template={`${POOL}/xml`} path={{ host, pool: pool.name }} reason={reason} onSaved={changed} variant="secondary" />
            <PoolActs pool={pool} reason={reason} onDeleted={() => void navigate(paths.storage)} />
          </div>
        }
      />
      {open ? null : <UnderWay pool={pool} />}
      <PageSection>
        <PoolNotices pool={pool} />
        {pool.active ? <Volumes pool={pool} reason={reason} /> : <NotRunning pool={pool} reason={reason} />}
      </PageSection>
      {open?.kind === 'upload' ? <UploadDialog host={host} pool={pool.name} onClose={() => setOpen(null)} /> : null}
      {open?.kind === 'download' ? <DownloadDialog host={host} pool={pool.name} onClose={() => setOpen(null)} /> : null}
      {open?.kind === 'create' ? <VolumeCreateDialog pool={pool} onClose={() => setOpen(null)} onDone={changed} /> : null}
    </>
  );
}

function NotRunning({ pool, reason }: { pool: Pool; reason: string | null }) {
  if (pool.state === 'inaccessible') return <EmptyPage title={t('This pool is silent')}>{unusable(pool)}</EmptyPage>;
  return (
    <EmptyPage title={t('This pool is off')} actions={<StartPool pool={pool} reason={reason} />}>
      {t('What it holds is seen while it runs.')}
    </EmptyPage>
  );
}
