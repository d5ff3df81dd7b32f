import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { problemOf } from '../../api/client';
import { queries } from '../../api/queries';
import type { Host } from '../../api/types';
import { TwinNotice } from './TwinNotice';
import { paths } from '../../paths';
import { t } from '../../util/i18n';

/** What keeps this host from starting a machine that runs elsewhere, and machines that stand on two hosts. */
export function Protection({ host }: { host: Host }) {
  const found = useQuery(queries.locking(host.id));
  const twins = useQuery(queries.twins(host.id)).data ?? [];
  if (found.error) return <p className="qd-dim">{problemOf(found.error).detail}</p>;
  if (!found.data) return null;
  return (
    <>
      <p>
        <strong>{t('Protection from starting twice:')}</strong> {found.data.text} <Link to={paths.protection(host.id)}>{t('Look closer')}</Link>
      </p>
      {twins.map((twin) => (
        <TwinNotice key={twin.host + twin.uuid} host={host.id} twin={twin} />
      ))}
    </>
  );
}
