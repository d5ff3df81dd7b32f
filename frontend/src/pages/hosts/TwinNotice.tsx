import { Alert } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { queries, useHosts } from '../../api/queries';
import type { Domain, Twin } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import { RemoveLeftover } from './RemoveLeftover';

/** A machine that another host has too: which one may go, and what happens if both run. Brief where the page offers it. */
export function TwinNotice({ host, twin, isBrief }: { host: string; twin: Twin; isBrief?: boolean }) {
  const where = twin.clear ?? twin.host;
  const reason = twin.both_run ? t('Both run: shut one of them down first.') : twin.clear === null ? t('It is being moved: wait for the end.') : null;
  const words = { name: twin.name, host: twin.host };
  return (
    <Alert
      variant={twin.both_run ? 'danger' : 'warning'}
      isInline
      title={twin.both_run ? t('{{name}} runs on {{host}} too', words) : isBrief ? t('{{name}} runs on {{host}}; this is what is left of it here', words) : t('{{name}} is defined on {{host}} too', words)}
      actionLinks={
        <>
          {isBrief ? null : <RemoveLeftover host={where} uuid={twin.uuid} name={twin.name} on={where === host ? twin.host : host} reason={reason} isNotice />}
          <Link to={paths.machine(twin.host, twin.uuid)}>{t('Look at it there')}</Link>
        </>
      }
    >
      {twin.both_run ? t('Stop one of them at once: both write to the same disks.') : t('Started by mistake on both, they would write to the same disks.')}
    </Alert>
  );
}

/** The same on the machine's own page, asked only where there is another host. */
export function MachineTwins({ domain }: { domain: Domain }) {
  const several = useHosts().length > 1;
  const twins = useQuery({ ...queries.twins(domain.host), enabled: several }).data ?? [];
  return twins.filter((twin) => twin.uuid === domain.uuid).map((twin) => <TwinNotice key={twin.host} host={domain.host} twin={twin} isBrief={domain.runs_on === twin.host} />);
}
