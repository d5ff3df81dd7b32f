import { Alert, AlertActionLink, ExpandableSection } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, DOMAIN, problemOf } from '../../api/client';
import type { Domain } from '../../api/types';
import { toast } from '../../components/Toasts';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import { ChangeList } from './history/ChangeList';

/** Says what somebody changed outside Quarterdeck since it was last changed here, until that is taken for good. */
export function DriftNotice({ domain }: { domain: Domain }) {
  const [open, setOpen] = useState(false);
  const { drift, host, uuid } = domain;
  if (!drift) return null;
  const reason = domain.actions['edit'];
  const accept = () => {
    call('POST', `${DOMAIN}/history/{number}/accept`, { path: { host, uuid, number: drift.number }, body: {} }).catch((error: unknown) =>
      toast.problem(domain.name, problemOf(error)),
    );
  };
  return (
    <Alert
      variant="warning"
      isInline
      title={t('Changed outside Quarterdeck since {{time}}', { time: formatTime(drift.since) })}
      actionLinks={
        <>
          <AlertActionLink onClick={accept} isDisabled={!!reason} title={reason ?? undefined}>
            {t('Take it as it is')}
          </AlertActionLink>
          <Link to={paths.machine(host, uuid, 'history')}>{t('See the history')}</Link>
        </>
      }
    >
      <ExpandableSection isExpanded={open} onToggle={(_, next) => setOpen(next)} toggleText={t('{{count}} values differ', { count: drift.changes.length })}>
        <ChangeList changes={drift.changes} />
      </ExpandableSection>
    </Alert>
  );
}
