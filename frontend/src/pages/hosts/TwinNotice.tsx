import { Alert } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { queries, useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import type { Domain, Twin } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { toast } from '../../components/Toasts';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { paths } from '../../paths';
import { t } from '../../util/i18n';

/** A machine that another host has too: which one may go, and what happens if both run. */
export function TwinNotice({ host, twin }: { host: string; twin: Twin }) {
  const cache = useQueryClient();
  const mayDelete = useCan('domain:delete');
  const [clearing, setClearing] = useState(false);
  const where = twin.clear ?? twin.host;
  const reason = !mayDelete
    ? t('Your role may look, but not delete machines.')
    : twin.both_run
      ? t('Both run: shut one of them down first.')
      : twin.clear === null
        ? t('It is being moved: wait for the end.')
        : null;
  const words = { name: twin.name, host: twin.host };
  return (
    <Alert
      variant={twin.both_run ? 'danger' : 'warning'}
      isInline
      title={twin.both_run ? t('{{name}} runs on {{host}} too', words) : t('{{name}} is defined on {{host}} too', words)}
      actionLinks={
        <>
          <ReasonButton variant="secondary" size="sm" onClick={() => setClearing(true)} reason={reason}>
            {t('Remove it from {{where}}', { where })}
          </ReasonButton>
          <Link to={paths.machine(twin.host, twin.uuid)}>{t('Look at it there')}</Link>
        </>
      }
    >
      {twin.both_run ? t('Stop one of them at once: both write to the same disks.') : t('Started by mistake on both, they would write to the same disks.')}
      {clearing ? (
        <PlannedDialog
          title={t('Remove {{name}} from {{where}}?', { name: twin.name, where })}
          verb={t('Remove it')}
          danger
          change={{ method: 'DELETE', template: '/hosts/{host}/twins/{uuid}', path: { host: where, uuid: twin.uuid } }}
          onClose={() => setClearing(false)}
          onDone={() => {
            toast.success(t('{{name}} is no longer defined on {{where}}', { name: twin.name, where }));
            void cache.invalidateQueries({ queryKey: ['twins'] });
          }}
        >
          {() => <p>{t('Only its definition there goes. The machine stays on {{host}}, and all disks stay.', { host: where === host ? twin.host : host })}</p>}
        </PlannedDialog>
      ) : null}
    </Alert>
  );
}

/** The same on the machine's own page, asked only where there is another host. */
export function MachineTwins({ domain }: { domain: Domain }) {
  const several = useHosts().length > 1;
  const twins = useQuery({ ...queries.twins(domain.host), enabled: several }).data ?? [];
  return twins.filter((twin) => twin.uuid === domain.uuid).map((twin) => <TwinNotice key={twin.host} host={domain.host} twin={twin} />);
}
