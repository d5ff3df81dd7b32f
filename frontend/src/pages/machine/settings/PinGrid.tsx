import { useHosts } from '../../../api/queries';
import { t } from '../../../util/i18n';
import type { Domain } from '../../../api/types';
import type { ControlProps } from '../hardware/forms/FormFields';
import { ScrollX } from '../ScrollX';
import { useOffers } from './board';
import { members, written } from './cpuset';

interface Pin {
  vcpu: string;
  cpuset: string;
}

/** On which CPUs of the host each vCPU may run: a table with the host's NUMA nodes above. */
export function PinGrid({ domain, field, value, error, when, onChange }: ControlProps & { domain: Domain }) {
  const count = useHosts().find((host) => host.id === domain.host)?.cpus ?? 0;
  const known = useOffers(domain)?.host.nodes ?? [];
  const nodes = known.length > 0 ? known : [{ id: 0, cpus: Array.from({ length: count }, (_, id) => ({ id })) }];
  const cpus = nodes.flatMap((node) => node.cpus.map((cpu) => cpu.id));
  const pins = (value ?? []) as Pin[];
  const of = (vcpu: number): Set<number> => members(pins.find((pin) => Number(pin.vcpu) === vcpu)?.cpuset ?? '');
  const put = (vcpu: number, cpu: number, on: boolean) => {
    const set = of(vcpu);
    if (on) set.add(cpu);
    else set.delete(cpu);
    const others = pins.filter((pin) => Number(pin.vcpu) !== vcpu);
    const all = set.size > 0 ? [...others, { vcpu: String(vcpu), cpuset: written(set) }] : others;
    onChange(all.sort((a, b) => Number(a.vcpu) - Number(b.vcpu)));
  };
  return (
    <fieldset className="qd-group">
      <legend>
        {field.title} {when ? <span className="qd-when">{when}</span> : null}
      </legend>
      <p className={error ? 'qd-field-error' : 'qd-dim'}>{error ?? t('A vCPU without a tick runs anywhere.')}</p>
      {cpus.length === 0 ? (
        <p className="qd-dim">{t('The host does not tell its CPUs.')}</p>
      ) : (
        <div className="qd-pins">
          <ScrollX label={field.title}>
          <table>
            <thead>
              <tr>
                <th scope="col" />
                {nodes.map((node) => (
                  <th key={node.id} scope="colgroup" colSpan={node.cpus.length}>
                    {t('Node {{id}}', { id: node.id })}
                  </th>
                ))}
              </tr>
              <tr>
                <th scope="col">{t('vCPU')}</th>
                {cpus.map((cpu) => (
                  <th key={cpu} scope="col">
                    {cpu}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Array.from({ length: domain.vcpus_max }, (_, vcpu) => (
                <tr key={vcpu}>
                  <th scope="row">{vcpu}</th>
                  {cpus.map((cpu) => (
                    <td key={cpu}>
                      <input
                        type="checkbox"
                        aria-label={t('vCPU {{vcpu}} on CPU {{cpu}} of the host', { vcpu, cpu })}
                        checked={of(vcpu).has(cpu)}
                        onChange={(event) => put(vcpu, cpu, event.target.checked)}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          </ScrollX>
        </div>
      )}
    </fieldset>
  );
}
