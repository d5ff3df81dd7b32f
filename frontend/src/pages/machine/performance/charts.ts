import type { Domain, DomainStats } from '../../../api/types';
import { t } from '../../../util/i18n';
import { formatMib, formatPercent, formatRate } from '../../../util/units';

interface Line {
  label: string;
  of: (stats: DomainStats) => number;
}

export interface ChartSpec {
  title: string;
  lines: Line[];
  format: (value: number) => string;
  /** The top of the scale where it has one; else the highest value. */
  top?: number;
  /** Bytes are divided in binary steps. */
  binary?: boolean;
}

export function charts(domain: Domain): ChartSpec[] {
  return [
    { title: t('CPU'), lines: [{ label: t('of all its vCPUs'), of: (stats) => stats.cpu_percent }], format: formatPercent, top: 100 },
    {
      title: t('Memory'),
      lines: [{ label: t('used'), of: (stats) => stats.memory_used_mib }],
      format: formatMib,
      top: domain.memory_max_mib,
      binary: true,
    },
    {
      title: t('Disks'),
      lines: [
        { label: t('read'), of: (stats) => stats.disk_read_bytes_s },
        { label: t('written'), of: (stats) => stats.disk_write_bytes_s },
      ],
      format: formatRate,
      binary: true,
    },
    {
      title: t('Network'),
      lines: [
        { label: t('received'), of: (stats) => stats.net_rx_bytes_s },
        { label: t('sent'), of: (stats) => stats.net_tx_bytes_s },
      ],
      format: formatRate,
      binary: true,
    },
  ];
}
