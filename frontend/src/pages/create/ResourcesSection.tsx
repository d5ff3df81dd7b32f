import { FormGroup, FormSelectOption, NumberInput } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { problemOf } from '../../api/client';
import { systemQueries } from '../../api/systems';
import { isUnder } from '../../api/problem';
import { FormSelect } from '../../components/inputs';
import { SizeInput } from '../../components/SizeInput';
import { Unread } from '../../components/Unread';
import { t } from '../../util/i18n';
import { formatMib, sizeFault } from '../../util/units';
import type { Draft, Resolved } from './draft';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';

const VCPUS = ['/vcpus', '/vcpus_max', '/cpu'];

interface Props extends Pick<SectionProps, 'errors' | 'host'> {
  draft: Pick<Draft, 'memory_mib'>;
  resolved: Pick<Resolved, 'memory_mib' | 'vcpus' | 'system'>;
  set: (change: Pick<Draft, 'memory_mib' | 'vcpus' | 'disk_mib'>) => void;
  /** Whether an empty field has a meaning. */
  optional?: boolean;
}

/** Memory and vCPUs, with what the host has. */
export function ResourcesSection({ draft, resolved, set, errors, host, optional = false }: Props) {
  const { memory_mib: memory, vcpus, system } = resolved;
  const proposed = system?.recommended.memory_mib;
  const least = system?.minimum.memory_mib;
  const memoryWarning = warn([
    [memory !== null && host.memory_free_mib !== null && memory > host.memory_free_mib, t('More than the host has free: it may swap, or the start may be refused.')],
    [memory !== null && least != null && memory < least, t('{{name}} needs {{size}} at least.', { name: system?.name ?? '', size: formatMib(least) })],
  ]);
  return (
    <div className="qd-form-pair">
      <InstanceTypes memory={memory} vcpus={vcpus} set={set} />
      <PointedField
        id="memory"
        label={t('Memory')}
        pointers={['/memory_mib', '/memory_max_mib']}
        errors={errors}
        warning={memoryWarning}
        fault={sizeFault(memory) ?? (memory || optional ? undefined : t('Give it memory.'))}
        help={host.memory_free_mib === null ? null : t('{{free}} of {{all}} free on {{host}}', { free: formatMib(host.memory_free_mib), all: formatMib(host.memory_mib), host: host.name })}
        isRequired={!optional}
      >
        <SizeInput id="memory" label={t('Memory')} mib={memory} onChange={(memory_mib) => set({ memory_mib })} />
        {proposed && draft.memory_mib !== undefined && proposed !== memory ? (
          <button type="button" className="qd-proposed" onClick={() => set({ memory_mib: undefined })}>
            {t('Back to {{size}}, as proposed', { size: formatMib(proposed) })}
          </button>
        ) : null}
      </PointedField>
      <PointedField
        id="vcpus"
        label={t('vCPUs')}
        pointers={VCPUS}
        errors={errors}
        fault={vcpus === null && !optional ? t('Give it a vCPU.') : undefined}
        warning={vcpus !== null && vcpus > host.cpus ? t('More than the host has: the machine will be slower, not faster.') : null}
        help={t('{{count}} CPUs on {{host}}', { count: host.cpus, host: host.name })}
        isRequired={!optional}
      >
        <NumberInput
          id="vcpus"
          inputName="vcpus"
          inputAriaLabel={t('vCPUs')}
          inputProps={{ 'aria-describedby': 'vcpus-help' }}
          validated={(vcpus === null && !optional) || errors.some(({ pointer }) => isUnder([pointer], VCPUS)) ? 'error' : 'default'}
          minusBtnAriaLabel={t('One vCPU less')}
          plusBtnAriaLabel={t('One vCPU more')}
          value={vcpus ?? ''}
          min={1}
          max={4096}
          widthChars={4}
          onMinus={() => set({ vcpus: Math.max(1, (vcpus ?? 2) - 1) })}
          onPlus={() => set({ vcpus: (vcpus ?? 0) + 1 })}
          onChange={(event) => set({ vcpus: whole(event.currentTarget.value) })}
        />
      </PointedField>
    </div>
  );
}

/** Sizes under one name; what differs from all of them is one's own. */
function InstanceTypes({ memory, vcpus, set }: { memory: number | null; vcpus: number | null; set: Props['set'] }) {
  const { data: types = [], error, refetch } = useQuery(systemQueries.instanceTypes());
  if (types.length === 0 && !error) return null;
  const now = types.find((type) => type.memory_mib === memory && type.vcpus === vcpus)?.name ?? '';
  const choose = (name: string) => {
    const type = types.find((known) => known.name === name);
    if (type) set({ memory_mib: type.memory_mib, vcpus: type.vcpus, ...(type.disk_gib ? { disk_mib: type.disk_gib * 1024 } : {}) });
  };
  return (
    <FormGroup label={t('Size')} fieldId="instance-type">
      {error ? (
        <Unread problem={problemOf(error)} retry={refetch} />
      ) : (
        <FormSelect id="instance-type" value={now} onChange={(_, name) => choose(name)}>
          <FormSelectOption value="" label={t('As below')} />
          {types.map((type) => (
            <FormSelectOption key={type.name} value={type.name} label={t('{{name}}: {{vcpus}} vCPUs, {{memory}}', { name: type.name, vcpus: type.vcpus, memory: formatMib(type.memory_mib) })} />
          ))}
        </FormSelect>
      )}
    </FormGroup>
  );
}

function whole(text: string): number | null {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : null;
}

/** The first text whose condition holds. */
export function warn(cases: [boolean, string][]): string | null {
  return cases.find(([holds]) => holds)?.[1] ?? null;
}
