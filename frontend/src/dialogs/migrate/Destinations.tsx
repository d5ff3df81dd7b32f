import { Label } from '@patternfly/react-core';
import { useRooms } from '../../api/live';
import { useHostLoad } from '../../api/stats';
import type { Host, HostLoad } from '../../api/types';
import { clockWords } from '../../components/HostLoadBars';
import { t } from '../../util/i18n';
import { formatMib } from '../../util/units';

interface Props {
  hosts: Host[];
  /** What the machine needs. */
  memoryMib: number;
  chosen: string;
  onChoose: (id: string) => void;
}

/** The other hosts as cards: whether they answer, and whether the machine fits. */
export function Destinations({ hosts, memoryMib, chosen, onChoose }: Props) {
  useRooms(hosts.filter((host) => host.state === 'connected').map((host) => `stats:${host.id}`));
  return (
    <fieldset className="qd-destinations">
      <legend>{t('Where to')}</legend>
      {hosts.map((host) => (
        <Destination key={host.id} host={host} memoryMib={memoryMib} isChosen={chosen === host.id} onChoose={() => onChoose(host.id)} />
      ))}
    </fieldset>
  );
}

function Destination({ host, memoryMib, isChosen, onChoose }: { host: Host; memoryMib: number; isChosen: boolean; onChoose: () => void }) {
  const load = useHostLoad(host.id);
  const up = host.state === 'connected';
  const fits = host.memory_free_mib === null || host.memory_free_mib >= memoryMib;
  const clock = load?.clock_seconds ?? host.clock_seconds;
  return (
    <label className={up ? 'qd-destination' : 'qd-destination qd-destination-away'}>
      <input type="radio" name="destination" value={host.id} checked={isChosen} disabled={!up} onChange={onChoose} />
      <strong>{host.name}</strong>
      <Label isCompact color={up ? 'green' : 'orange'}>
        {up ? t('connected') : t('not connected')}
      </Label>
      <span className="qd-dim">
        {up ? t('{{free}} of {{all}} memory free', { free: formatMib(host.memory_free_mib), all: formatMib(host.memory_mib) }) : (host.problem?.detail ?? t('It does not answer.'))}
      </span>
      {up && !fits ? <span className="qd-destination-note">{t('Too little for this machine')}</span> : null}
      {up ? <span className="qd-dim">{[host.cpu_model, host.hypervisor_version ? `QEMU ${host.hypervisor_version}` : ''].filter(Boolean).join(' · ')}</span> : null}
      {up && load ? <span className="qd-dim">{loadWords(load)}</span> : null}
      {up && clock !== null && Math.abs(clock) >= 2 ? <span className="qd-destination-note">{t('Its clock is {{words}}', { words: clockWords(clock) })}</span> : null}
    </label>
  );
}

function loadWords(load: HostLoad): string {
  const busy = t('{{percent}} % of the processors busy', { percent: Math.round(load.cpu_percent) });
  return load.load_per_cpu === null ? busy : `${busy} · ${t('load of {{load}} for each', { load: load.load_per_cpu.toFixed(2) })}`;
}
