/** Every address of a page is built here. */
export const paths = {
  machines: '/machines',
  machine: (host: string, uuid: string, tab?: string) =>
    `/hosts/${encodeURIComponent(host)}/machines/${encodeURIComponent(uuid)}${tab ? `/${tab}` : ''}`,
  templateVersions: (host: string, uuid: string) => `/hosts/${encodeURIComponent(host)}/templates/${encodeURIComponent(uuid)}`,
  /** The console alone in its window. */
  console: (host: string, uuid: string, type: 'vnc' | 'serial' = 'vnc') =>
    `/console/${encodeURIComponent(host)}/${encodeURIComponent(uuid)}/${type}`,
  newMachine: (host?: string) => `/machines/new${host ? `?host=${encodeURIComponent(host)}` : ''}`,
  /** The form of a new machine, filled by what a job has taken over from another product. */
  takenOver: (host: string, job: string) => `/machines/new?host=${encodeURIComponent(host)}&taken=${encodeURIComponent(job)}`,
  deletedMachines: '/machines/deleted',
  hosts: '/hosts',
  /** `as`: the host whose protection is proposed. */
  protection: (host: string, as?: string) => `/hosts/${encodeURIComponent(host)}/protection${as ? `?as=${encodeURIComponent(as)}` : ''}`,
  storage: '/storage',
  pool: (host: string, pool: string) => `/storage/${encodeURIComponent(host)}/${encodeURIComponent(pool)}`,
  networks: '/networks',
  network: (host: string, network: string) => `/networks/${encodeURIComponent(host)}/${encodeURIComponent(network)}`,
  jobs: '/jobs',
  job: (id: string) => `/jobs/${encodeURIComponent(id)}`,
  audit: '/audit',
  sshKeys: '/ssh-keys',
  tokens: '/tokens',
  sessions: '/sessions',
  api: '/api/v1/docs',
} as const;
