import { Alert, Button, Spinner } from '@patternfly/react-core';
import { useState } from 'react';
import type { Detection } from '../../api/systems';
import { Folded } from '../../components/Folded';
import { t } from '../../util/i18n';
import { DownloadDialog } from '../storage/DownloadDialog';
import { UploadDialog } from '../storage/UploadDialog';
import { CloudImageFields } from './CloudImageFields';
import type { Method } from './draft';
import { Fetched, type Fetch } from './Fetched';
import { PointedField } from './PointedField';
import { ImportDialog } from './ImportDialog';
import type { SectionProps } from './parts';
import { SystemPicker } from './SystemPicker';
import { KernelArgs, TreeFields } from './TreeFields';
import { isWindowsImage } from './answers';
import { TemplateDialog } from './TemplateDialog';
import { UnattendedFields } from './UnattendedFields';
import { VolumeSelect } from './VolumeSelect';

const METHODS: { id: Method; title: () => string; text: () => string }[] = [
  { id: 'iso', title: () => t('Installation medium'), text: () => t('An ISO file on the host') },
  { id: 'tree', title: () => t('Network installation'), text: () => t('The files of a distribution on a server') },
  { id: 'cloud_image', title: () => t('Cloud image'), text: () => t('Ready in a minute: a prepared disk, set up by cloud-init') },
  { id: 'import', title: () => t('Existing disk'), text: () => t('A disk image with a system on it') },
  { id: 'pxe', title: () => t('Network boot'), text: () => t('A PXE server of its network') },
  { id: 'none', title: () => t('Nothing yet'), text: () => t('Make the machine, install later') },
];

/** From what the machine gets its system, and which that is. */
export function SourceSection(props: SectionProps) {
  const { draft, resolved, set, errors, host, pools, networks, detection, detecting, unseen } = props;
  const [fetching, setFetching] = useState<Fetch | null>(null);
  const [importing, setImporting] = useState(false);
  const [deploying, setDeploying] = useState(false);
  const fetched = {
    host: host.id,
    onClose: () => setFetching(null),
    onDone: (pool: string, volume: string) => {
      set({ [PLACES[resolved.method] ?? 'medium']: { pool, volume } });
      setFetching(null);
    },
  };
  return (
    <>
      <fieldset className="qd-choices">
        <legend className="pf-v6-screen-reader">{t('From what')}</legend>
        {METHODS.map(({ id, title, text }) => (
          <label key={id} className="qd-choice">
            <input type="radio" name="method" value={id} checked={resolved.method === id} onChange={() => set({ method: id })} />
            <strong>{title()}</strong>
            <span className="qd-dim">{text()}</span>
          </label>
        ))}
      </fieldset>
      <div className="qd-elsewhere">
        <Button variant="link" isInline onClick={() => setDeploying(true)}>
          {t('A template…')}
        </Button>
        <Button variant="link" isInline onClick={() => setImporting(true)}>
          {t('A machine or disk of VMware, VirtualBox or Hyper-V…')}
        </Button>
      </div>
      {resolved.method === 'iso' ? (
        <>
          <PointedField id="medium" label={t('Medium')} pointers={['/install/pool', '/install/volume', '/install/path']} errors={errors} isRequired>
            <Fetched onFetch={setFetching}>
              <VolumeSelect id="medium" label={t('Medium')} pools={pools} offer={(volume) => volume.is_iso && !volume.partial} value={draft.medium} onChange={(medium) => set({ medium })} />
            </Fetched>
          </PointedField>
          <Folded title={t('What its kernel is told')} wrong={errors.some(({ pointer }) => pointer === '/install/kernel_args')}>
            <KernelArgs {...props} />
          </Folded>
        </>
      ) : null}
      {resolved.method === 'tree' ? <TreeFields {...props} /> : null}
      {resolved.method === 'cloud_image' ? <CloudImageFields {...props} onFetch={setFetching} /> : null}
      {resolved.method === 'import' ? (
        <PointedField id="import-disk" label={t('Disk')} pointers={['/install', '/disks/0/volume', '/disks/0/path', '/disks/0/pool']} errors={errors.filter(({ pointer }) => !pointer.startsWith('/install/unattended'))} help={t('The machine uses it as it is; nothing is copied.')} isRequired>
          <Fetched onFetch={setFetching}>
            <VolumeSelect
              id="import-disk"
              label={t('Disk')}
              pools={pools}
              offer={(volume) => !volume.is_iso && !volume.partial}
              refuse={(volume) => (volume.used_by.length > 0 ? t('used by {{machines}}', { machines: volume.used_by.join(', ') }) : null)}
              value={draft.volume}
              onChange={(volume) => set({ volume })}
            />
          </Fetched>
        </PointedField>
      ) : null}
      <PointedField id="system" label={t('Guest system')} pointers={['/os']} errors={errors} help={t('Memory, disk and devices are proposed for it.')}>
        <SystemPicker id="system" host={host.id} value={resolved.system} onChange={(system) => set({ system })} />
      </PointedField>
      {unseen ? <Alert variant="warning" isInline isPlain title={unseen.detail}>{[unseen.cure, t('Its system can be picked by hand.')].filter(Boolean).join(' ')}</Alert> : null}
      {(resolved.method === 'iso' && draft.medium) || detection?.system ? <Detected detection={detection} detecting={detecting} onTake={draft.system === undefined ? null : () => set({ system: undefined })} /> : null}
      {ASKING.includes(resolved.method) || isWindowsImage(resolved) ? <UnattendedFields {...props} /> : null}
      {deploying ? <TemplateDialog host={host} onClose={() => setDeploying(false)} /> : null}
      {importing ? (
        <ImportDialog host={host.id} pools={pools} networks={networks} onClose={() => setImporting(false)} />
      ) : null}
      {fetching === 'upload' ? <UploadDialog {...fetched} /> : null}
      {fetching === 'download' ? <DownloadDialog {...fetched} images={resolved.method === 'cloud_image'} /> : null}
    </>
  );
}

/** Their systems ask questions, and may be given the answers; of the images only those of Windows. */
const ASKING: Method[] = ['iso', 'tree', 'import'];

/** Where the draft has the file that a method begins with. */
const PLACES: Partial<Record<Method, 'medium' | 'image' | 'volume'>> = { iso: 'medium', cloud_image: 'image', import: 'volume' };

interface DetectedProps {
  detection: Detection | undefined;
  detecting: boolean;
  /** Takes the detected system instead of the one picked by hand. */
  onTake: (() => void) | null;
}

/** What the medium says of itself. */
function Detected({ detection, detecting, onTake }: DetectedProps) {
  if (detecting) {
    return (
      <p role="status">
        <Spinner size="sm" aria-hidden /> {t('Looking at the medium')}
      </p>
    );
  }
  if (!detection) return null;
  const { system, label } = detection;
  if (!system) {
    const text = label ? t('The medium is called “{{label}}”; the list of systems does not know it. Pick the nearest one.', { label }) : t('The medium does not say what it is. Pick the system by hand.');
    return <Alert variant="info" isInline isPlain title={text} />;
  }
  const words = detection.by_name ? t('Its name looks like {{name}}', { name: system.name }) : detection.known ? t('Found on the medium: {{name}}', { name: system.name }) : t('The medium holds a newer release ({{version}}) of {{name}} than the list knows', { version: detection.version ?? '?', name: system.distro });
  return (
    <>
      <Alert
        variant="success"
        isInline
        isPlain
        title={words}
        actionLinks={
          onTake ? (
            <Button variant="link" isInline onClick={onTake}>
              {t('Take this')}
            </Button>
          ) : null
        }
      />
      {detection.bootable || detection.by_name ? null : <Alert variant="warning" isInline isPlain title={t('The medium does not look bootable.')} />}
    </>
  );
}
