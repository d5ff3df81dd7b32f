import { FormGroup, FormSelectOption, Alert, Checkbox } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { address } from '../../api/client';
import { fieldError } from '../../api/problem';
import { lacks, storageKeys, storageQueries, VOLUME, type Pool, type Volume } from '../../api/storage';
import { FormSelect, TextInput } from '../../components/inputs';
import { Field } from '../../components/Field';
import { KebabMenu, type MenuAct } from '../../components/KebabMenu';
import { SizeInput } from '../../components/SizeInput';
import { PlannedDialog, type Change } from '../../dialogs/PlannedDialog';
import { useVersioned } from '../../dialogs/useVersioned';
import { t } from '../../util/i18n';
import { formatBytes, sizeFault } from '../../util/units';
import { ChainDialog } from './ChainDialog';
import { ConvertDialog } from './ConvertDialog';
import { neededBy, usedBy } from './erase';

interface Props {
  volume: Volume;
  pool: Pool;
  reason: string | null;
}

type Asked = 'resize' | 'clone' | 'convert' | 'wipe' | 'chain' | 'give-up' | 'delete' | null;

/** All that can be done with a volume. */
export function VolumeActs({ volume, pool, reason }: Props) {
  const cache = useQueryClient();
  const [asked, setAsked] = useState<Asked>(null);
  const users = usedBy(volume) ?? neededBy(volume);
  const part = volume.partial ? t('It is not complete yet.') : null;
  const path = { host: volume.host, pool: volume.pool, volume: volume.name };
  // A link, not a visit: what is refused leaves the page as it is.
  const download = () => Object.assign(document.createElement('a'), { href: address(`${VOLUME}/content`, { path }), download: volume.name }).click();
  const acts: MenuAct[] = [
    { id: 'resize', title: t('Resize'), reason: reason ?? part ?? lacks(pool, 'resize'), onAct: () => setAsked('resize') },
    { id: 'clone', title: t('Copy'), reason: reason ?? part, onAct: () => setAsked('clone') },
    { id: 'convert', title: t('Convert'), reason: reason ?? part ?? lacks(pool, 'download'), onAct: () => setAsked('convert') },
    { id: 'download', title: t('Download'), reason: reason ?? part ?? lacks(pool, 'download'), onAct: download },
    { id: 'chain', title: t('What it stands on'), onAct: () => setAsked('chain') },
    { id: 'give-up', title: t('Give up its upload'), reason: reason ?? (volume.partial || volume.replacement ? null : t('No upload of it runs or was cut.')), danger: true, onAct: () => setAsked('give-up') },
    { id: 'wipe', title: t('Wipe'), reason: reason ?? lacks(pool, 'wipe') ?? users, danger: true, onAct: () => setAsked('wipe') },
    { id: 'delete', title: t('Delete'), reason: reason ?? lacks(pool, 'delete') ?? users, danger: true, onAct: () => setAsked('delete') },
  ];
  const frame = { onDone: () => void cache.invalidateQueries({ queryKey: storageKeys.pools(volume.host) }), onClose: () => setAsked(null) };
  return (
    <>
      <KebabMenu label={t('Acts of volume {{name}}', { name: volume.name })} acts={acts} />
      {asked === 'resize' ? <Resize volume={volume} pool={pool} {...frame} /> : null}
      {asked === 'clone' ? <Copy volume={volume} {...frame} /> : null}
      {asked === 'convert' ? <ConvertDialog volume={volume} {...frame} /> : null}
      {asked === 'wipe' ? <Wipe volume={volume} pool={pool} {...frame} /> : null}
      {asked === 'give-up' ? <GiveUp volume={volume} {...frame} /> : null}
      {asked === 'delete' ? <Delete volume={volume} {...frame} /> : null}
      {asked === 'chain' ? <ChainDialog volume={volume} onClose={frame.onClose} /> : null}
    </>
  );
}

interface FrameProps {
  volume: Volume;
  onDone: () => void;
  onClose: () => void;
}

const changeOf = (volume: Volume, method: Change['method'], act: string, body?: unknown): Change => ({
  method,
  template: VOLUME + act,
  path: { host: volume.host, pool: volume.pool, volume: volume.name },
  ...(body === undefined ? {} : { body }),
});

const MIB = 1 << 20;

function Resize({ volume, pool, ...frame }: FrameProps & { pool: Pool }) {
  const { value, set, etag, meanwhile } = useVersioned(volume, ({ capacity_bytes }) => ({ mib: Math.round(capacity_bytes / MIB) as number | null, shrink: false }));
  const { mib, shrink } = value;
  const smaller = !!mib && mib * MIB < volume.capacity_bytes - MIB;
  const blocked = !mib ? (sizeFault(mib) ?? t('Give it a size.')) : smaller && !shrink ? t('Tick that the end may be cut off.') : null;
  const change = { ...changeOf(volume, 'PATCH', '', { size_gib: (mib ?? 0) / 1024, shrink: smaller && shrink }), ifMatch: etag };
  return (
    <PlannedDialog title={t('Resize {{name}}', { name: volume.name })} verb={t('Resize')} danger={smaller} blocked={blocked} change={change} shown={['/size_gib']} meanwhile={meanwhile && { name: volume.name, ...meanwhile }} {...frame}>
      {(problem) => (
        <>
          <Field id="volume-new-size" label={t('Size')} isRequired error={sizeFault(mib) ?? fieldError(problem, '/size_gib')} help={t('Now {{size}}; {{free}} free in the pool. The guest must use the new space itself.', { size: formatBytes(volume.capacity_bytes), free: formatBytes(pool.available_bytes) })}>
            <SizeInput id="volume-new-size" label={t('Size')} mib={mib} onChange={(next) => set({ ...value, mib: next })} />
          </Field>
          {smaller ? (
            <>
              <Alert variant="danger" isInline title={t('What lies beyond the new end is lost')}>
                {t('Make the file system inside the guest smaller first.')}
              </Alert>
              <Checkbox id="volume-shrink" label={t('Cut the end off')} isChecked={shrink} onChange={(_, on) => set({ ...value, shrink: on })} />
            </>
          ) : null}
        </>
      )}
    </PlannedDialog>
  );
}

function Copy({ volume, ...frame }: FrameProps) {
  const pools = (useQuery(storageQueries.pools(volume.host)).data ?? []).filter((known) => known.active && !lacks(known, 'copy'));
  const [name, setName] = useState(`copy-of-${volume.name}`);
  const [chosen, setPool] = useState(volume.pool);
  const [format, setFormat] = useState('');
  const pool = pools.some((known) => known.name === chosen) ? chosen : (pools[0]?.name ?? chosen);
  const formats = pools.find((known) => known.name === pool)?.formats ?? [];
  const change = changeOf(volume, 'POST', '/clone', { name, pool, format: format || null });
  return (
    <PlannedDialog title={t('Copy {{name}}', { name: volume.name })} verb={t('Copy')} blocked={name === '' ? t('Give it a name.') : null} change={change} shown={['/name', '/pool', '/format']} {...frame}>
      {(problem) => (
        <>
          <Field id="copy-name" label={t('Name')} isRequired error={fieldError(problem, '/name')}>
            <TextInput id="copy-name" value={name} onChange={(_, value) => setName(value)} />
          </Field>
          <div className="qd-form-pair">
            <Field id="copy-pool" label={t('Pool')} error={fieldError(problem, '/pool')}>
              <FormSelect id="copy-pool" value={pool} onChange={(_, value) => (setPool(value), setFormat(''))}>
                {pools.map((known) => (
                  <FormSelectOption key={known.uuid} value={known.name} label={t('{{pool}} ({{free}} free)', { pool: known.name, free: formatBytes(known.available_bytes) })} />
                ))}
              </FormSelect>
            </Field>
            <Field id="copy-format" label={t('Format')} error={fieldError(problem, '/format')}>
              <FormSelect id="copy-format" value={format} onChange={(_, value) => setFormat(value)}>
                <FormSelectOption value="" label={t('As it is')} />
                {formats.map((known) => (
                  <FormSelectOption key={known} value={known} label={known} />
                ))}
              </FormSelect>
            </Field>
          </div>
        </>
      )}
    </PlannedDialog>
  );
}

/** What each of libvirt's ways of overwriting does. */
const WAYS: Record<string, () => string> = {
  zero: () => t('Zeros, once (zero)'),
  trim: () => t('Give its blocks back (trim)'),
  random: () => t('Random data, once (random)'),
  nnsa: () => t('4 passes, as the NNSA asks (nnsa)'),
  dod: () => t('4 passes, as the US Department of Defense asks (dod)'),
  bsi: () => t('9 passes, as the German BSI asks (bsi)'),
  gutmann: () => t('35 passes, after Gutmann (gutmann)'),
  schneier: () => t('7 passes, after Schneier (schneier)'),
  pfitzner7: () => t('7 random passes (pfitzner7)'),
  pfitzner33: () => t('33 random passes (pfitzner33)'),
};

function Wipe({ volume, pool, ...frame }: FrameProps & { pool: Pool }) {
  const [algorithm, setAlgorithm] = useState<string>(pool.wipes[0] ?? 'zero');
  const [typed, setTyped] = useState('');
  const change = changeOf(volume, 'POST', '/wipe', { algorithm });
  return (
    <PlannedDialog title={t('Wipe {{name}}?', { name: volume.name })} verb={t('Wipe')} danger unconfirmed={typed === volume.name ? null : t('Type the volume’s name first.')} change={change} shown={['/algorithm']} {...frame}>
      {(problem) => (
        <>
          <p>{t('All its data ({{size}}) goes. The volume stays.', { size: formatBytes(volume.allocation_bytes) })}</p>
          <Field id="wipe-how" label={t('How')} error={fieldError(problem, '/algorithm')} help={pool.wipes.includes('random') ? t('All but zero need the program scrub on the host.') : undefined}>
            <FormSelect id="wipe-how" value={algorithm} onChange={(_, value) => setAlgorithm(value)}>
              {pool.wipes.map((known) => (
                <FormSelectOption key={known} value={known} label={WAYS[known]?.() ?? known} />
              ))}
            </FormSelect>
          </Field>
          <FormGroup label={t('Type {{name}} to confirm', { name: volume.name })} fieldId="wipe-name">
            <TextInput id="wipe-name" value={typed} onChange={(_, text) => setTyped(text)} />
          </FormGroup>
        </>
      )}
    </PlannedDialog>
  );
}

function GiveUp({ volume, ...frame }: FrameProps) {
  const came = volume.partial ?? volume.replacement;
  return (
    <PlannedDialog title={t('Give up the upload of {{name}}?', { name: volume.name })} verb={t('Give up')} danger variant="small" change={changeOf(volume, 'DELETE', '/content')} {...frame}>
      {() => (
        <p>
          {t('{{received}} came so far.', { received: formatBytes(came?.received_bytes ?? 0) })} {volume.replacement ? t('What the volume holds stays as it is.') : t('Nothing of it stays.')}
        </p>
      )}
    </PlannedDialog>
  );
}

function Delete({ volume, ...frame }: FrameProps) {
  const [secret, setSecret] = useState(false);
  const change = { ...changeOf(volume, 'DELETE', ''), query: { secret } };
  return (
    <PlannedDialog title={t('Delete {{name}}?', { name: volume.name })} verb={t('Delete')} danger variant="small" change={change} {...frame}>
      {() => (
        <>
          <p>{t('It holds {{size}}, and no machine uses it.', { size: formatBytes(volume.allocation_bytes) })}</p>
          {volume.secret ? <Checkbox id="volume-secret" label={t('Forget its passphrase too')} description={t('libvirt keeps it as a secret. Copies of the volume open with it.')} isChecked={secret} onChange={(_, on) => setSecret(on)} /> : null}
        </>
      )}
    </PlannedDialog>
  );
}
