import { Checkbox, TextInput } from '@patternfly/react-core';
import { t } from '../../../../util/i18n';
import { changedMembers } from '../changed';
import { savedOf } from '../values';
import { ChoiceField, Field } from './Field';
import type { FieldsProps, HardwareForm } from './form';

interface CpuForm {
  vcpus: string;
  vcpus_max: string;
  mode: string | null;
  model: string;
  shaped: boolean;
  sockets: string;
  dies: string;
  cores: string;
  threads: string;
}

type Fields = FieldsProps<CpuForm>;

const whole = (text: string): number | null => (/^\d+$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null);

const product = (value: CpuForm): number => [value.sockets, value.dies, value.cores, value.threads].reduce((all, text) => all * (whole(text) ?? 1), 1);

export const processors: HardwareForm<CpuForm> = {
  id: 'processors',
  title: () => t('Processors'),
  adds: false,
  start: (domain) => {
    const { topology, mode, model } = domain.cpu;
    const most = savedOf(domain, 'vcpus_max', domain.vcpus_max);
    return {
      vcpus: String(savedOf(domain, 'vcpus', domain.vcpus) ?? most),
      vcpus_max: String(most),
      mode,
      model: model ?? '',
      shaped: !!topology,
      sockets: String(topology?.sockets ?? 1),
      dies: String(topology?.dies ?? 1),
      cores: String(topology?.cores ?? most),
      threads: String(topology?.threads ?? 1),
    };
  },
  body: (value) => ({
    vcpus: whole(value.vcpus),
    vcpus_max: value.shaped ? product(value) : whole(value.vcpus_max),
    cpu: {
      mode: value.mode,
      model: value.mode === 'custom' ? value.model.trim() || null : null,
      topology: value.shaped ? { sockets: whole(value.sockets), dies: whole(value.dies), cores: whole(value.cores), threads: whole(value.threads) } : null,
    },
  }),
  // A CPU mode that is sent anew loses what else stands at it, so of the CPU too only what was changed goes out.
  changes: (before, now) => {
    const { cpu, ...counts } = changedMembers(before, now);
    return cpu ? { ...counts, cpu: changedMembers(before['cpu'] as Record<string, unknown>, cpu as Record<string, unknown>) } : counts;
  },
  missing: (value) => {
    const most = value.shaped ? product(value) : whole(value.vcpus_max);
    if (!whole(value.vcpus) || !most) return t('The numbers of vCPUs are whole numbers from 1.');
    if ((whole(value.vcpus) ?? 0) > most) return t('There cannot be more vCPUs than their maximum ({{most}}).', { most });
    return value.mode === 'custom' && !value.model.trim() ? t('Name the CPU model.') : null;
  },
  pointers: ['/vcpus', '/vcpus_max', '/cpu', '/cpu/mode', '/cpu/model', '/cpu/topology', '/cpu/topology/sockets', '/cpu/topology/dies', '/cpu/topology/cores', '/cpu/topology/threads'],
  Basic: CountFields,
  Advanced: AdvancedFields,
};

interface NumberProps {
  id: string;
  label: string;
  value: string;
  help?: string;
  error?: string | undefined;
  isDisabled?: boolean;
  onChange: (text: string) => void;
}

function NumberField({ id, label, value, help, error, isDisabled, onChange }: NumberProps) {
  return (
    <Field id={id} label={label} help={help} error={error}>
      <TextInput
        id={id}
        type="number"
        min={1}
        value={value}
        isDisabled={isDisabled}
        aria-describedby={`${id}-help`}
        validated={error ? 'error' : 'default'}
        onChange={(_, text) => onChange(text)}
      />
    </Field>
  );
}

function CountFields({ value, set, error }: Fields) {
  // Who raises the number beyond the maximum most likely wants both.
  const setCount = (vcpus: string) => set({ vcpus, ...(!value.shaped && (whole(vcpus) ?? 0) > (whole(value.vcpus_max) ?? 0) ? { vcpus_max: vcpus } : {}) });
  return (
    <div className="qd-two">
      <NumberField id="vcpus" label={t('vCPUs')} value={value.vcpus} error={error('/vcpus')} help={t('May be changed while it runs, up to the maximum.')} onChange={setCount} />
      <NumberField
        id="vcpus_max"
        label={t('Maximum')}
        value={value.shaped ? String(product(value)) : value.vcpus_max}
        isDisabled={value.shaped}
        error={error('/vcpus_max')}
        help={value.shaped ? t('Follows from the topology.') : t('Changes at the next start.')}
        onChange={(vcpus_max) => set({ vcpus_max })}
      />
    </div>
  );
}

function AdvancedFields({ value, set, error }: Fields) {
  const part = (id: 'sockets' | 'dies' | 'cores' | 'threads', label: string) => (
    <NumberField id={id} label={label} value={value[id]} error={error(`/cpu/topology/${id}`)} onChange={(text) => set({ [id]: text })} />
  );
  return (
    <>
      <ChoiceField
        id="mode"
        label={t('CPU model')}
        help={t('As the host is fastest. A named model lets the machine move between hosts with different CPUs.')}
        error={error('/cpu/mode') ?? error('/cpu')}
        value={value.mode}
        empty={t('libvirt decides')}
        choices={[
          { value: 'host-passthrough', label: t('As the host (host-passthrough)') },
          { value: 'host-model', label: t('Like the host, movable (host-model)') },
          { value: 'maximum', label: t('All that QEMU can (maximum)') },
          { value: 'custom', label: t('A named model (custom)') },
        ]}
        onChange={(mode) => set({ mode })}
      />
      {value.mode === 'custom' ? (
        <Field id="cpu-model" label={t('Name of the model')} error={error('/cpu/model')} help={t('As libvirt names it, such as x86-64-v2-AES or Skylake-Client.')}>
          <TextInput id="cpu-model" value={value.model} aria-describedby="cpu-model-help" onChange={(_, model) => set({ model })} />
        </Field>
      ) : null}
      <Checkbox
        id="shaped"
        label={t('Set the topology')}
        description={error('/cpu/topology') ?? t('How the vCPUs are arranged; some systems are licensed by socket.')}
        isChecked={value.shaped}
        onChange={(_, shaped) => set({ shaped })}
      />
      {value.shaped ? (
        <div className="qd-four">
          {part('sockets', t('Sockets'))}
          {part('dies', t('Dies'))}
          {part('cores', t('Cores'))}
          {part('threads', t('Threads'))}
        </div>
      ) : null}
    </>
  );
}
