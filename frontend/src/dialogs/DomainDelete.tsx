import { Alert, Content } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { outcomeOf } from '../api/actions';
import { DOMAIN, exchange, problemOf } from '../api/client';
import { queries } from '../api/queries';
import type { DomainVolume } from '../api/types';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { LoadingPage } from '../components/Pages';
import { ProblemAlert } from '../components/ProblemAlert';
import { Tick } from '../components/Tick';
import { toast } from '../components/Toasts';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { formatBytes } from '../util/units';
import type { ActDialogProps } from '.';
import { PlanButton } from './PlanButton';

const told = (volume: DomainVolume) => [volume.path, volume.reason].filter(Boolean).join(' — ');

/** Removes a machine, with a choice for each disk. A disk that something else uses cannot be chosen, and says why. */
export default function DomainDelete({ domain, onClose }: ActDialogProps) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const path = { host: domain.host, uuid: domain.uuid };
  const volumes = useQuery(queries.domainVolumes(domain.host, domain.uuid));
  const [choice, setChoice] = useState<Record<string, boolean>>({});
  const chosen = (volume: DomainVolume) => volume.deletable && (choice[volume.target] ?? volume.preselected);
  const doomed = (volumes.data ?? []).filter(chosen);
  const locked = doomed.some((volume) => volume.secret !== null);
  const [forget, setForget] = useState(true);

  const query = { volumes: doomed.map((volume) => volume.target).join(',') || undefined, secrets: (locked && forget) || undefined };
  const remove = async () => {
    const answer = await exchange<unknown>('DELETE', DOMAIN, { path, query });
    outcomeOf(cache, answer.status, answer.data);
    if (pathname.startsWith(paths.machine(domain.host, domain.uuid))) void navigate(paths.machines);
    toast.success(t('{{name}} is deleted', { name: domain.name }));
  };
  return (
    <ConfirmDialog
      title={t('Delete {{name}}?', { name: domain.name })}
      verb={t('Delete')}
      danger
      variant="medium"
      blocked={volumes.isPending ? t('Its disks are being looked up.') : null}
      onConfirm={remove}
      toProblem={problemOf}
      extra={<PlanButton title={t('Delete {{name}}', { name: domain.name })} method="DELETE" template={DOMAIN} path={path} query={query} isDisabled={volumes.isPending} />}
      onClose={onClose}
    >
      {domain.state !== 'shut_off' ? <Alert variant="warning" isInline title={t('It is on. It will be turned off at once; what the guest has not written is lost.')} /> : null}
      <Content component="p" className="qd-pad">
        {t('The machine on host {{host}}, its settings, firmware variables and saved state go. Disks go only where ticked:', { host: domain.host })}
      </Content>
      {volumes.isPending ? <LoadingPage /> : null}
      {volumes.error ? <ProblemAlert problem={problemOf(volumes.error)} /> : null}
      {volumes.data?.length === 0 ? <p className="qd-dim">{t('It has no disks.')}</p> : null}
      <ul className="qd-disks">
        {volumes.data?.map((volume) => (
          <li key={volume.target}>
            <Tick
              id={`delete-${volume.target}`}
              reason={volume.deletable ? null : told(volume)}
              help={told(volume)}
              checked={chosen(volume)}
              onChange={(on) => setChoice({ ...choice, [volume.target]: on })}
              label={
                <>
                  <strong>{volume.target}</strong> {volume.volume ?? volume.path.split('/').pop()}{' '}
                  <span className="qd-dim">{volume.size_bytes === null ? '' : formatBytes(volume.size_bytes)}</span>
                </>
              }
            />
          </li>
        ))}
      </ul>
      {locked ? (
        <Tick id="delete-secrets" label={t('Forget the passphrases of these disks too')} help={t('libvirt keeps them as secrets. Copies of the disks open with them.')} checked={forget} onChange={setForget} />
      ) : null}
      <p className="qd-pad">
        {doomed.length > 0
          ? t('{{count}} disks will be erased: {{size}}. This cannot be undone.', { count: doomed.length, size: formatBytes(doomed.reduce((sum, volume) => sum + (volume.size_bytes ?? 0), 0)) })
          : t('All disks stay.')}
      </p>
    </ConfirmDialog>
  );
}
