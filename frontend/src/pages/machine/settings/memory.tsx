import { useHosts } from '../../../api/queries';
import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import { formatMib } from '../../../util/units';
import type { Special } from '../hardware/forms/declared';
import { PlainField, type ControlProps, type Controls } from '../hardware/forms/FormFields';
import { savedOf } from '../hardware/values';

/** Both sizes as saved. */
export const memory: Special = {
  start: (_, domain) => ({
    memory_mib: String(savedOf(domain, 'memory_mib', domain.memory_mib)),
    memory_max_mib: String(savedOf(domain, 'memory_max_mib', domain.memory_max_mib)),
  }),
  faults: ({ memory_mib, memory_max_mib }) =>
    memory_max_mib !== '' && Number(memory_mib) > Number(memory_max_mib) ? [['/memory_mib', t('The memory cannot be larger than its maximum.')]] : [],
};

export const memoryControls = (domain: Domain): Controls => ({
  '/memory_mib': (props) => <SizeField {...props} domain={domain} />,
  '/memory_max_mib': (props) => <MostField {...props} domain={domain} />,
});

/** Who raises the size beyond the maximum most likely wants both. */
function SizeField({ domain, ...props }: ControlProps & { domain: Domain }) {
  const { values, set } = props;
  const raise = (size: unknown) => !isSharedOut(domain) && Number(size) > Number(values['memory_max_mib']);
  return <PlainField {...props} onChange={(size) => set({ memory_mib: size, ...(raise(size) ? { memory_max_mib: size } : {}) })} />;
}

/** Several NUMA cells say by themselves how much there is. */
const isSharedOut = (domain: Domain): boolean => (domain.cpu.cells?.length ?? 0) > 1;

function MostField({ domain, ...props }: ControlProps & { domain: Domain }) {
  const host = useHosts().find((one) => one.id === domain.host);
  const help = host ? t('The host has {{all}}, of which {{free}} are free.', { all: formatMib(host.memory_mib), free: formatMib(host.memory_free_mib ?? null) }) : '';
  if (isSharedOut(domain)) return <PlainField {...props} isDisabled field={{ ...props.field, reason: t('It follows from the NUMA cells, which are changed under Processors.') }} />;
  return <PlainField {...props} field={{ ...props.field, help }} />;
}
