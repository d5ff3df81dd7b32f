import { useHosts } from '../../../../api/queries';
import { SizeInput } from '../../../../components/SizeInput';
import { t } from '../../../../util/i18n';
import { formatMib } from '../../../../util/units';
import { savedOf } from '../values';
import { Field } from './Field';
import type { FieldsProps, HardwareForm } from './form';

interface MemoryForm {
  memory_mib: number | null;
  memory_max_mib: number | null;
}

export const memory: HardwareForm<MemoryForm> = {
  id: 'memory',
  title: () => t('Memory'),
  adds: false,
  start: (domain) => ({
    memory_mib: savedOf(domain, 'memory_mib', domain.memory_mib),
    memory_max_mib: savedOf(domain, 'memory_max_mib', domain.memory_max_mib),
  }),
  body: ({ memory_mib, memory_max_mib }) => ({ memory_mib, memory_max_mib }),
  missing: ({ memory_mib, memory_max_mib }) => {
    if (!memory_mib || !memory_max_mib) return t('Give both sizes.');
    return memory_mib > memory_max_mib ? t('The memory cannot be larger than its maximum.') : null;
  },
  pointers: ['/memory_mib', '/memory_max_mib'],
  Basic: MemoryFields,
};

function MemoryFields({ domain, value, set, error }: FieldsProps<MemoryForm>) {
  const host = useHosts().find((one) => one.id === domain.host);
  const free = host?.memory_free_mib ?? null;
  const setMemory = (memory_mib: number | null) =>
    set({ memory_mib, ...(memory_mib !== null && memory_mib > (value.memory_max_mib ?? 0) ? { memory_max_mib: memory_mib } : {}) });
  return (
    <>
      <Field id="memory" label={t('Memory')} error={error('/memory_mib')} help={t('May be changed while it runs, up to the maximum, if the guest has the balloon driver.')}>
        <SizeInput id="memory" label={t('Memory')} mib={value.memory_mib} invalid={!!error('/memory_mib')} onChange={setMemory} />
      </Field>
      <Field
        id="memory_max"
        label={t('Maximum')}
        error={error('/memory_max_mib')}
        help={
          host
            ? t('Changes at the next start. The host has {{all}}, of which {{free}} are free.', { all: formatMib(host.memory_mib), free: formatMib(free) })
            : t('Changes at the next start.')
        }
      >
        <SizeInput id="memory_max" label={t('Maximum')} mib={value.memory_max_mib} invalid={!!error('/memory_max_mib')} onChange={(memory_max_mib) => set({ memory_max_mib })} />
      </Field>
    </>
  );
}
