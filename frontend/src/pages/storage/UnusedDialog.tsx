import { Button, Checkbox, ModalBody, ModalFooter, ModalHeader, Title } from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { storageQueries } from '../../api/storage';
import type { Host } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { keyOf, useErase } from './erase';

interface Props {
  hosts: Host[];
  reason: string | null;
  onClose: () => void;
}

/** Disk images that no machine uses, on all pools of all hosts, and the way to be rid of them. */
export function UnusedDialog({ hosts, reason, onClose }: Props) {
  const erase = useErase();
  const lists = useQueries({ queries: hosts.map((host) => ({ ...storageQueries.unused(host.id), staleTime: 0 })) });
  const [chosen, setChosen] = useState<string[]>([]);
  const { attempt, busy, problem } = useAttempt();
  const found = lists.flatMap((list) => list.data ?? []);
  const doomed = found.filter((volume) => chosen.includes(keyOf(volume)));
  const size = doomed.reduce((sum, volume) => sum + volume.allocation_bytes, 0);
  const choose = (key: string, on: boolean) => setChosen(on ? [...chosen, key] : chosen.filter((other) => other !== key));
  const remove = () => attempt(() => erase(doomed, setChosen));
  const all = found.length > 0 && doomed.length === found.length;
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="unused-title">
      <ModalHeader title={t('Unused volumes')} labelId="unused-title" description={t('Disk images that no machine of their host uses. A pool that several hosts share may hold disks of the others; backups and scripts may need some too.')} />
      <ModalBody tabIndex={0} aria-label={t('Unused volumes')}>
        {problem ? <ProblemAlert problem={problem} /> : null}
        {found.length > 1 ? (
          <Checkbox
            id="unused-all"
            label={t('All {{number}} volumes ({{size}})', { number: found.length, size: formatBytes(found.reduce((sum, volume) => sum + volume.allocation_bytes, 0)) })}
            isChecked={all ? true : doomed.length > 0 ? null : false}
            onChange={() => setChosen(all ? [] : found.map(keyOf))}
          />
        ) : null}
        {hosts.map((host, index) => (
          <section key={host.id} aria-label={host.name}>
            {hosts.length > 1 ? (
              <Title headingLevel="h3" size="md">
                {host.name}
              </Title>
            ) : null}
            {lists[index]?.error ? <ProblemAlert problem={problemOf(lists[index].error)} /> : null}
            {lists[index]?.isPending ? <LoadingPage /> : null}
            {lists[index]?.data?.length === 0 ? <p>{t('Every image is used by a machine.')}</p> : null}
            <ul className="qd-disks">
              {lists[index]?.data?.map((volume) => (
                <li key={keyOf(volume)}>
                  <Checkbox
                    id={`unused-${keyOf(volume)}`}
                    label={volume.name}
                    description={t('{{size}} in pool {{pool}}', { size: formatBytes(volume.allocation_bytes), pool: volume.pool })}
                    isChecked={chosen.includes(keyOf(volume))}
                    onChange={(_, on) => choose(keyOf(volume), on)}
                  />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </ModalBody>
      <ModalFooter>
        <ReasonButton variant="danger" isLoading={busy} isDisabled={busy} reason={reason ?? (doomed.length === 0 ? t('Choose what is to go.') : null)} onClick={() => void remove()}>
          {doomed.length > 0 ? t('Erase {{count}} volumes ({{size}})', { count: doomed.length, size: formatBytes(size) }) : t('Erase')}
        </ReasonButton>
        <Button variant="link" onClick={onClose}>
          {t('Close')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
