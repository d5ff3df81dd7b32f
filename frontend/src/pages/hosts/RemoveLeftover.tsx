import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useHosts } from '../../api/queries';
import { useCan } from '../../api/session';
import { ReasonButton } from '../../components/DisabledReason';
import { toast } from '../../components/Toasts';
import { PlannedDialog } from '../../dialogs/PlannedDialog';
import { t } from '../../util/i18n';

interface Props {
  /** Where it goes. */
  host: string;
  uuid: string;
  name: string;
  /** Where it stays. */
  on: string;
  /** Why it may not go. */
  reason?: string | null;
  isNotice?: boolean;
}

/** Removes the definition of a machine that another host has too; its disks and the other one stay. */
export function RemoveLeftover({ host, uuid, name, on, reason, isNotice }: Props) {
  const cache = useQueryClient();
  const hosts = useHosts();
  const mayDelete = useCan('domain:delete');
  const [clearing, setClearing] = useState(false);
  const where = hosts.find((one) => one.id === host)?.name ?? host;
  const stays = hosts.find((one) => one.id === on)?.name ?? on;
  return (
    <>
      <ReasonButton variant={isNotice ? 'secondary' : 'primary'} {...(isNotice ? { size: 'sm' as const } : {})} onClick={() => setClearing(true)} reason={mayDelete ? reason : t('Your role may look, but not delete machines.')}>
        {t('Remove it from {{where}}', { where })}
      </ReasonButton>
      {clearing ? (
        <PlannedDialog
          title={t('Remove {{name}} from {{where}}?', { name, where })}
          verb={t('Remove it')}
          danger
          change={{ method: 'DELETE', template: '/hosts/{host}/twins/{uuid}', path: { host, uuid } }}
          onClose={() => setClearing(false)}
          onDone={() => {
            toast.success(t('{{name}} is no longer defined on {{where}}', { name, where }));
            void cache.invalidateQueries({ queryKey: ['twins'] });
          }}
        >
          {() => <p>{t('Only its definition there goes. The machine stays on {{host}}, and all disks stay.', { host: stays })}</p>}
        </PlannedDialog>
      ) : null}
    </>
  );
}
