import '../../dialogs/migrate/migrate.css';
import { Alert, Form, FormSelectOption, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { outcomeOf } from '../../api/actions';
import { checkImport, IMPORTS, type ImportSource } from '../../api/appliances';
import { address, exchange, problemOf } from '../../api/client';
import { useJob } from '../../api/jobs';
import { usualPool, type Network, type Pool } from '../../api/storage';
import type { Medium, System } from '../../api/systems';
import type { FieldError } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { CancelButton } from '../../components/CancelButton';
import { FormSelect, TextInput } from '../../components/inputs';
import { Dialog } from '../../components/Dialog';
import { ReasonButton } from '../../components/DisabledReason';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { ShowMe } from '../../components/ShowMe';
import { LongJob } from '../../dialogs/LongJob';
import { usePlanned, waitsFor } from '../../dialogs/usePlanned';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';
import { useDebounced } from '../../util/useDebounced';
import { Fetched, type Fetch } from './Fetched';
import { usualNetwork } from './draft';
import { ImportDone } from './ImportDone';
import { ImportReport, isDescribed } from './ImportReport';
import { DownloadDialog } from '../storage/DownloadDialog';
import { UploadDialog } from '../storage/UploadDialog';
import { BridgeInput } from './NetworkSection';
import { PointedField } from './PointedField';
import { SystemPicker } from './SystemPicker';
import { VolumeSelect } from './VolumeSelect';

interface Props {
  host: string;
  pools: Pool[];
  networks: Network[];
  onClose: () => void;
}

const QUIET_MS = 400;
const FORMATS: [string, () => string][] = [
  ['', () => t('What its content says')],
  ['raw', () => t('Raw')],
  ['qcow2', () => t('qcow2')],
  ['vmdk', () => t('VMDK')],
  ['vdi', () => t('VDI')],
  ['vpc', () => t('VHD')],
  ['vhdx', () => t('VHDX')],
];
const FIRMWARES: [string, () => string][] = [
  ['', () => t('As fits the system')],
  ['bios', () => 'BIOS'],
  ['uefi', () => 'UEFI'],
];

/** Takes over a machine or a disk of another product: looks at it, converts its disks, and makes the machine. */
export function ImportDialog({ host, pools, networks, onClose }: Props) {
  const cache = useQueryClient();
  const [file, setFile] = useState<Medium | undefined>(undefined);
  const [fetching, setFetching] = useState<Fetch | null>(null);
  const [format, setFormat] = useState('');
  const [machine, setMachine] = useState('');
  const [system, setSystem] = useState<System | null>(null);
  const [firmware, setFirmware] = useState('');
  const [name, setName] = useState('');
  const [pool, setPool] = useState(() => usualPool(pools.filter((known) => known.active))?.name ?? '');
  const [place, setPlace] = useState(() => networkPlace(usualNetwork(networks)?.name));
  const [bridge, setBridge] = useState('');
  const [showing, setShowing] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const { attempt, busy, problem } = useAttempt();
  const job = useJob(id);
  const source = file && ({ ...file, format: format || null, machine: machine || null } as ImportSource);
  const wanted = JSON.stringify(source ?? null);
  const from = useDebounced(wanted, QUIET_MS);
  const report = useQuery({
    queryKey: ['import-check', host, from],
    queryFn: ({ signal }) => checkImport(host, JSON.parse(from) as ImportSource, signal),
    enabled: from !== 'null',
    retry: false,
    gcTime: 0,
  });
  const isDisk = (report.data && !isDescribed(report.data)) || format !== '';
  const body = { ...source, ...(isDisk ? { os: system?.short_id ?? null, firmware: firmware || null } : {}), to_pool: pool, network: place.startsWith('network:') ? place.slice('network:'.length) : null, bridge: place === 'bridge' ? bridge : null, name: name || null };
  const cardless = report.data?.machine.nics?.length === 0;
  const unnamed = !cardless && place === 'bridge' && bridge === '';
  const planned = usePlanned(file && report.data?.possible && !unnamed ? { method: 'POST', template: IMPORTS, path: { host }, body } : null);
  const told = problem ?? planned.problem;
  const convert = async () => {
    const answer = await exchange<unknown>('POST', IMPORTS, { path: { host }, body });
    setId(outcomeOf(cache, answer.status, answer.data).job?.id ?? null);
  };
  const settled = from === wanted;
  const choose = (medium: Medium | undefined) => {
    setFile(medium);
    setFormat('');
    setMachine('');
    setSystem(null);
    setFirmware('');
  };
  const fetched = {
    host,
    onClose: () => setFetching(null),
    onDone: (place: string, volume: string) => {
      choose({ pool: place, volume });
      setFetching(null);
    },
  };
  const machines = report.data?.machines ?? [];
  const errors = told?.errors ?? [];
  const unread = report.error ? problemOf(report.error) : null;
  const blocked = !file ? t('Choose the file.') : !settled || report.isPending ? t('It is being looked at.') : !report.data?.possible ? t('It cannot be taken over as it is.') : unnamed ? t('Name the bridge.') : waitsFor(planned);
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="import-title">
      {job ? (
        <LongJob job={job} titleId="import-title" titles={[t('Its disks are being converted'), t('Conversion of its disks')]} onClose={onClose} onAgain={() => setId(null)}>
          <ImportDone job={job} onLeave={onClose} />
        </LongJob>
      ) : (
        <>
          <ModalHeader title={t('From another product')} labelId="import-title" description={t('A machine or disk of VMware, VirtualBox, Hyper-V and others: a file of a pool, or a path of the host. A machine of several files needs all of them in one pool.')} />
          <ModalBody tabIndex={0} aria-label={t('What is taken over')}>
            <Form onSubmit={(event) => event.preventDefault()}>
              {told && !told.errors?.length ? <ProblemAlert problem={told} /> : null}
              <PointedField id="import-file" label={t('File')} pointers={['/path', '/pool', '/volume', '/format']} errors={[...(unread?.errors ?? []), ...errors]} isRequired>
                <Fetched onFetch={setFetching}>
                  <VolumeSelect id="import-file" label={t('File')} pools={pools} offer={(volume) => !volume.is_iso && !volume.partial} value={file} onChange={choose} />
                </Fetched>
              </PointedField>
              {file && (report.isPending || !settled) ? <LoadingPage /> : null}
              {unread && !unread.errors?.length ? <ProblemAlert problem={unread} /> : null}
              {machines.length > 1 ? (
                <Choice id="import-machine" pointer="/machine" errors={errors} label={t('Machine')} value={machine || (machines[0]?.id ?? '')} choices={machines.map((known) => [known.id, known.name])} onChange={setMachine} />
              ) : null}
              {isDisk ? <Choice id="import-format" pointer="/format" errors={errors} label={t('Read it as')} value={format} choices={FORMATS.map(([known, words]) => [known, words()])} onChange={setFormat} /> : null}
              {isDisk ? (
                <div className="qd-form-pair">
                  <PointedField id="import-system" label={t('Guest system')} pointers={['/os']} errors={errors}>
                    <SystemPicker id="import-system" host={host} value={system} onChange={setSystem} />
                  </PointedField>
                  <Choice id="import-firmware" pointer="/firmware" errors={errors} label={t('Firmware')} value={firmware} choices={FIRMWARES.map(([known, words]) => [known, words()])} onChange={setFirmware} />
                </div>
              ) : null}
              {report.data ? <ImportReport report={report.data} /> : null}
              {planned.plan?.warnings.length && report.data?.possible ? <Room warnings={planned.plan.warnings} notes={report.data.machine.notes} /> : null}
              <div className="qd-form-pair">
                <PointedField id="import-name" label={t('Name')} pointers={['/name']} errors={errors}>
                  <TextInput id="import-name" value={name} placeholder={report.data?.machine.name} onChange={(_, value) => setName(value)} />
                </PointedField>
                <Choice id="import-pool" pointer="/to_pool" errors={errors} label={t('Pool for its disks')} value={pool} choices={pools.filter((known) => known.active).map((known) => [known.name, t('{{pool}} ({{free}} free)', { pool: known.name, free: formatBytes(known.available_bytes) })])} onChange={setPool} />
                <PointedField id="import-network" label={t('Network of its cards')} pointers={['/network', '/bridge']} errors={errors} help={cardless ? t('It has no network cards.') : null}>
                  <FormSelect id="import-network" value={place} isDisabled={cardless} onChange={(_, next) => setPlace(next)}>
                    {networks.map((known) => (
                      <FormSelectOption key={known.uuid} value={networkPlace(known.name)} label={known.active ? known.name : t('{{name}} (off)', { name: known.name })} />
                    ))}
                    <FormSelectOption value="bridge" label={t('A bridge of the host…')} />
                    <FormSelectOption value="none" label={isDisk ? t('None: it gets no card') : t('None: they are kept, cut off')} />
                  </FormSelect>
                  {place === 'bridge' && !cardless ? <BridgeInput host={host} name={bridge} onChange={setBridge} /> : null}
                </PointedField>
              </div>
            </Form>
          </ModalBody>
          <ModalFooter>
            <ReasonButton reason={blocked} onClick={() => void attempt(convert)} isLoading={busy} isDisabled={busy}>
              {t('Convert')}
            </ReasonButton>
            <ReasonButton variant="secondary" reason={blocked} onClick={() => setShowing(true)}>
              {t('Show me')}
            </ReasonButton>
            <CancelButton onClick={onClose} />
          </ModalFooter>
          {showing ? <ShowMe title={t('What would be done')} plan={planned.plan} problem={planned.problem} api={{ method: 'POST', path: address(IMPORTS, { path: { host } }), body }} onClose={() => setShowing(false)} /> : null}
          {fetching === 'upload' ? <UploadDialog {...fetched} /> : null}
          {fetching === 'download' ? <DownloadDialog {...fetched} images={false} /> : null}
        </>
      )}
    </Dialog>
  );
}

function networkPlace(name: string | undefined): string {
  return name ? `network:${name}` : 'none';
}

interface ChoiceProps {
  id: string;
  label: string;
  pointer: string;
  errors: FieldError[];
  value: string;
  choices: [string, string][];
  onChange: (name: string) => void;
}

function Choice({ id, label, pointer, errors, value, choices, onChange }: ChoiceProps) {
  return (
    <PointedField id={id} label={label} pointers={[pointer]} errors={errors}>
      <FormSelect id={id} value={value} onChange={(_, name) => onChange(name)}>
        {choices.map(([key, words]) => (
          <FormSelectOption key={key} value={key} label={words} />
        ))}
      </FormSelect>
    </PointedField>
  );
}

/** What the plan warns of besides what the report says already. */
function Room({ warnings, notes }: { warnings: string[]; notes: { text: string }[] }) {
  const told = new Set(notes.map(({ text }) => text));
  return warnings.filter((warning) => !told.has(warning)).map((warning) => <Alert key={warning} variant="warning" isInline isPlain title={warning} />);
}
