import { t } from './i18n';

/** What people call a field of the API: "disk-vda.detect_zeroes" → "disk-vda: detect zeroes". Unknown ones lose their dashes. */
export function fieldTitle(field: string): string {
  const known: Record<string, string> = {
    vcpus: t('vCPUs'),
    vcpus_max: t('maximum of vCPUs'),
    memory_mib: t('memory'),
    memory_max_mib: t('maximum of memory'),
    'cpu.mode': t('CPU model'),
    'cpu.model': t('CPU model'),
    'cpu.topology': t('CPU topology'),
    'boot.order': t('boot order'),
    'boot.menu': t('boot menu'),
    'boot.menu_timeout_ms': t('time of the boot menu'),
    autostart: t('start with the host'),
    size_gib: t('size'),
    io: t('I/O mode'),
    mac: t('MAC address'),
    mtu: t('MTU'),
    link: t('cable'),
    readonly: t('read-only'),
  };
  if (field.startsWith('metadata of ')) return field;
  const [device, ...rest] = field.split('.');
  if (known[field]) return known[field];
  if (field.startsWith('cpu.topology.')) return fieldTitle('cpu.topology');
  // A device's id holds a dash, no field does.
  if (device?.includes('-')) return rest.length > 0 ? `${device}: ${fieldTitle(rest.join('.'))}` : device;
  return field.replaceAll(/[_.]/g, ' ');
}
