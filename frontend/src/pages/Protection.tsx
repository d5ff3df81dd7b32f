import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { problemOf } from '../api/client';
import { queries } from '../api/queries';
import type { Host } from '../api/types';
import { paths } from '../paths';
import { t } from '../util/i18n';

/** What keeps this host from starting a machine that runs elsewhere, and machines that stand on two hosts. */
export function Protection({ host }: { host: Host }) {
  const found = useQuery(queries.locking(host.id));
  if (found.error) return <p className="qd-dim">{problemOf(found.error).detail}</p>;
  if (!found.data) return null;
  const { text, cure, twins } = found.data;
  return (
    <>
      <p>
        <strong>{t('Protection from starting twice:')}</strong> {text} {cure ? <span className="qd-dim">{cure}</span> : null}
      </p>
      {twins.map((twin) => (
        <Alert
          key={twin.host + twin.uuid}
          variant={twin.both_run ? 'danger' : 'warning'}
          isInline
          title={twin.both_run ? t('{{name}} runs on {{host}} too', { name: twin.name, host: twin.host }) : t('{{name}} is defined on {{host}} too', { name: twin.name, host: twin.host })}
          actionLinks={<Link to={paths.machine(twin.host, twin.uuid)}>{t('Look at it there')}</Link>}
        >
          {twin.both_run ? t('Stop one of them at once: both write to the same disks.') : t('Delete the one that is off, and keep its disks; started by mistake, both would write to them.')}
        </Alert>
      ))}
    </>
  );
}
