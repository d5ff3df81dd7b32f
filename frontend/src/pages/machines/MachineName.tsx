import { Spinner } from '@patternfly/react-core';
import AwayIcon from '@patternfly/react-icons/dist/esm/icons/unlink-icon';
import PendingIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import SnapshotIcon from '@patternfly/react-icons/dist/esm/icons/camera-icon';
import SavedIcon from '@patternfly/react-icons/dist/esm/icons/save-icon';
import TemporaryIcon from '@patternfly/react-icons/dist/esm/icons/clock-icon';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useHosts } from '../../api/queries';
import type { DomainSummary } from '../../api/types';
import { Hint } from '../../components/Hint';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import { Tags } from './columns';

/** Name as a link, what is special about it as small marks, title and tags below. */
export function MachineName({ domain, tabIndex }: { domain: DomainSummary; tabIndex?: number }) {
  return (
    <span className="qd-name">
      <span className="qd-name-line">
        <Link to={paths.machine(domain.host, domain.uuid)} tabIndex={tabIndex} className="qd-clip" title={domain.name}>
          {domain.name}
        </Link>
        <Marks domain={domain} />
      </span>
      {domain.title || domain.template || domain.tags.length > 0 ? (
        <span className="qd-name-second">
          {domain.title ? <span className="qd-clip qd-dim">{domain.title}</span> : null}
          <Tags tags={domain.template ? [t('Template'), ...domain.tags] : domain.tags} />
        </span>
      ) : null}
    </span>
  );
}

/** Everything in its row is what was known then. */
function AwayMark({ domain, since }: { domain: DomainSummary; since: string }) {
  const host = useHosts().find((one) => one.id === domain.host)?.name ?? domain.host;
  return (
    <Mark text={t('Last seen {{time}}: {{host}} is not connected', { time: formatTime(since), host })} className="qd-mark-warning">
      <AwayIcon />
    </Mark>
  );
}

function Marks({ domain }: { domain: DomainSummary }) {
  return (
    <>
      {domain.last_seen ? <AwayMark domain={domain} since={domain.last_seen} /> : null}
      {domain.job ? (
        <Mark text={t('A job works on it')}>
          <Spinner size="sm" aria-hidden />
        </Mark>
      ) : null}
      {domain.changes_pending ? (
        <Mark text={t('Changes wait for the next start')} className="qd-mark-warning">
          <PendingIcon />
        </Mark>
      ) : null}
      {domain.has_saved_image && domain.state === 'shut_off' ? (
        <Mark text={t('Its memory is saved: it goes on from there when started')}>
          <SavedIcon />
        </Mark>
      ) : null}
      {domain.snapshots > 0 ? (
        <Mark text={t('{{count}} snapshots', { count: domain.snapshots })}>
          <SnapshotIcon />
        </Mark>
      ) : null}
      {!domain.persistent ? (
        <Mark text={t('Temporary: libvirt forgets it when it stops')}>
          <TemporaryIcon />
        </Mark>
      ) : null}
    </>
  );
}

function Mark({ text, className = '', children }: { text: string; className?: string; children: ReactNode }) {
  return (
    <Hint text={text}>
      <span className={`qd-mark ${className}`} role="img" aria-label={text}>
        {children}
      </span>
    </Hint>
  );
}
