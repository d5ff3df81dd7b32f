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
    url: t('address'),
    hostname: t('host name'),
    ssh_keys: t('SSH keys'),
    network_config: t('network configuration'),
    ips: t('addresses'),
    'ips.hosts': t('reserved addresses'),
    'ips.ranges': t('DHCP ranges'),
    stp: t('spanning tree'),
    portgroups: t('port groups'),
    dns_hosts: t('known names'),
    dns_txts: t('TXT records'),
    dns_srvs: t('SRV records'),
    dns_forwarders: t('servers for other names'),
    sha256: t('checksum'),
    io: t('I/O mode'),
    mac: t('MAC address'),
    mtu: t('MTU'),
    link: t('cable'),
    readonly: t('read-only'),
    interface: t('network interface'),
    filesystem: t('shared folder'),
    hostdev: t('host device'),
    redirdev: t('USB redirection'),
    graphics: t('display'),
    video: t('video card'),
    rng: t('random numbers'),
    tpm: t('TPM'),
    panic: t('panic notifier'),
    shmem: t('shared memory'),
    memballoon: t('memory balloon'),
    iommu: t('IOMMU'),
  };
  if (field.startsWith('metadata of ')) return field;
  const [device, ...rest] = field.split('.');
  if (known[field]) return known[field];
  if (field.startsWith('cpu.topology.')) return fieldTitle('cpu.topology');
  // A device's id holds a dash, no field does.
  if (device?.includes('-')) return rest.length > 0 ? `${device}: ${fieldTitle(rest.join('.'))}` : device;
  return field.replaceAll(/[_.]/g, ' ');
}

/** What people call the place of a JSON pointer: "/disks/0/size_gib" → "Disks 1, size". */
export function pointerTitle(pointer: string): string {
  const words = pointer
    .replace(/^\/(install\/(?=.))?(cloud_init\/|unattended\/)?/, '') // parts of a body, where people see one form
    .replace(/\/(\d+)/g, (_, index: string) => ` ${Number(index) + 1}`)
    .split('/')
    .map(fieldTitle)
    .join(', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
