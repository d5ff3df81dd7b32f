import { Label } from '@patternfly/react-core';
import type { Host } from '../../api/types';
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
  return (
    <fieldset className="qd-destinations">
      <legend>{t('Where to')}</legend>
      {hosts.map((host) => {
        const up = host.state === 'connected';
        const fits = host.memory_free_mib === null || host.memory_free_mib >= memoryMib;
        return (
          <label key={host.id} className={up ? 'qd-destination' : 'qd-destination qd-destination-away'}>
            <input type="radio" name="destination" value={host.id} checked={chosen === host.id} disabled={!up} onChange={() => onChoose(host.id)} />
            <strong>{host.name}</strong>
            <Label isCompact color={up ? 'green' : 'orange'}>
              {up ? t('connected') : t('not connected')}
            </Label>
            <span className="qd-dim">
              {up ? t('{{free}} of {{all}} memory free', { free: formatMib(host.memory_free_mib), all: formatMib(host.memory_mib) }) : (host.problem?.detail ?? t('It does not answer.'))}
            </span>
            {up && !fits ? <span className="qd-destination-note">{t('Too little for this machine')}</span> : null}
            {up ? <span className="qd-dim">{[host.cpu_model, host.hypervisor_version ? `QEMU ${host.hypervisor_version}` : ''].filter(Boolean).join(' · ')}</span> : null}
          </label>
        );
      })}
    </fieldset>
  );
}
