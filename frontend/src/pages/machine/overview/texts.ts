import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import { formatMib } from '../../../util/units';

export function cpuText(domain: Domain): string {
  const { mode, model, topology } = domain.cpu;
  const count =
    domain.vcpus_max > domain.vcpus
      ? t('{{count}} vCPUs, up to {{most}}', { count: domain.vcpus, most: domain.vcpus_max })
      : t('{{count}} vCPUs', { count: domain.vcpus });
  const kind = model ?? cpuModeText(mode);
  const shape = topology
    ? t('{{sockets}} × {{cores}} × {{threads}} (sockets × cores × threads)', {
        sockets: topology.sockets * topology.dies,
        cores: topology.cores,
        threads: topology.threads,
      })
    : null;
  return [count, kind, shape].filter(Boolean).join(' · ');
}

function cpuModeText(mode: string | null): string | null {
  const words: Record<string, string> = {
    'host-passthrough': t('as the host'),
    'host-model': t('like the host'),
    maximum: t('all that QEMU can'),
    custom: t('a chosen model'),
  };
  return mode ? (words[mode] ?? mode) : null;
}

export function memoryText(domain: Domain): string {
  if (domain.memory_max_mib <= domain.memory_mib) return formatMib(domain.memory_mib);
  return t('{{now}}, up to {{most}}', { now: formatMib(domain.memory_mib), most: formatMib(domain.memory_max_mib) });
}
