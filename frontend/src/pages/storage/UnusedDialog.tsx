import { Checkbox, Modal, ModalBody, ModalFooter, ModalHeader, Button } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call, problemOf } from '../../api/client';
import { storageKeys, storageQueries, VOLUME, type Volume } from '../../api/storage';
import type { Problem } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

const keyOf = (volume: Volume) => `${volume.pool}/${volume.name}`;

/** Disk images that no machine uses, on all pools of a host, and the way to be rid of them. */
export function UnusedDialog({ host, reason, onClose }: { host: string; reason: string | null; onClose: () => void }) {
  const cache = useQueryClient();
  const { data, error } = useQuery({ ...storageQueries.unused(host), staleTime: 0 });
  const [chosen, setChosen] = useState<string[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const doomed = (data ?? []).filter((volume) => chosen.includes(keyOf(volume)));
  const size = doomed.reduce((sum, volume) => sum + volume.allocation_bytes, 0);
  const remove = async () => {
    setBusy(true);
    setProblem(null);
    try {
      for (const volume of doomed) await call('DELETE', VOLUME, { path: { host, pool: volume.pool, volume: volume.name } });
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
    await cache.invalidateQueries({ queryKey: storageKeys.pools(host) });
    setBusy(false);
  };
  return (
    <Modal isOpen variant="medium" onClose={onClose} aria-labelledby="unused-title">
      <ModalHeader title={t('Unused volumes of {{host}}', { host })} labelId="unused-title" description={t('Disk images that no machine of this host uses. Other hosts, backups and scripts may still need them.')} />
      <ModalBody tabIndex={0} aria-label={t('Unused volumes')}>
        {error || problem ? <ProblemAlert problem={problem ?? problemOf(error)} /> : null}
        {!data && !error ? <LoadingPage /> : null}
        {data?.length === 0 ? <p>{t('Every image is used by a machine.')}</p> : null}
        <ul className="qd-disks">
          {data?.map((volume) => (
            <li key={keyOf(volume)}>
              <Checkbox
                id={`unused-${keyOf(volume)}`}
                label={volume.name}
                description={t('{{size}} in pool {{pool}}', { size: formatBytes(volume.allocation_bytes), pool: volume.pool })}
                isChecked={chosen.includes(keyOf(volume))}
                onChange={(_, on) => setChosen(on ? [...chosen, keyOf(volume)] : chosen.filter((key) => key !== keyOf(volume)))}
              />
            </li>
          ))}
        </ul>
      </ModalBody>
      <ModalFooter>
        <ReasonButton variant="danger" isLoading={busy} isDisabled={busy} reason={reason ?? (doomed.length === 0 ? t('Choose what is to go.') : null)} onClick={() => void remove()}>
          {doomed.length > 0 ? t('Erase {{count}} volumes ({{size}})', { count: doomed.length, size: formatBytes(size) }) : t('Erase')}
        </ReasonButton>
        <Button variant="link" onClick={onClose}>
          {t('Close')}
        </Button>
      </ModalFooter>
    </Modal>
  );
}
