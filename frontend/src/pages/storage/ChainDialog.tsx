import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { problemOf } from '../../api/client';
import { storageQueries, type Volume } from '../../api/storage';
import { Dialog } from '../../components/Dialog';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

/** The images that a volume stands on, topmost first. */
export function ChainDialog({ volume, onClose }: { volume: Volume; onClose: () => void }) {
  const { data, error } = useQuery({ ...storageQueries.chain(volume.host, volume.pool, volume.name), staleTime: 0 });
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="chain-title">
      <ModalHeader title={volume.name} labelId="chain-title" description={data?.length === 1 ? t('It stands on nothing: all its data is in it.') : t('What is not in an image is read from the one below it.')} />
      <ModalBody>
        {error ? <ProblemAlert problem={problemOf(error)} /> : null}
        {!data && !error ? <LoadingPage /> : null}
        <ol className="qd-chain">
          {data?.map((link) => (
            <li key={link.path}>
              <strong>{link.volume ?? link.path.split('/').pop()}</strong>{' '}
              <span className="qd-dim">
                {link.pool ? t('{{format}}, {{used}} of {{size}}, pool {{pool}}', { format: link.format ?? '', used: formatBytes(link.allocation_bytes ?? 0), size: formatBytes(link.capacity_bytes ?? 0), pool: link.pool }) : t('lies in no pool, so nothing more is known of it')}
              </span>
              <div className="qd-path">{link.path}</div>
            </li>
          ))}
        </ol>
      </ModalBody>
      <ModalFooter>
        <Button variant="secondary" onClick={onClose}>
          {t('Close')}
        </Button>
      </ModalFooter>
    </Dialog>
  );
}
