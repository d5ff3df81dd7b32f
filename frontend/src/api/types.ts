/** Shapes of the API as the pages use them. The generated schema (schema.d.ts) is the source once `make api` has run. */

export type DomainState = 'running' | 'paused' | 'shutting_down' | 'shut_off' | 'crashed' | 'suspended' | 'unknown';

/** Every known act: null when it may be done now, else the reason why not. */
export type Actions = Record<string, string | null>;

export interface DomainSummary {
  host: string;
  uuid: string;
  name: string;
  title: string | null;
  description: string | null;
  tags: string[];
  state: DomainState;
  reason: string;
  reason_text: string;
  persistent: boolean;
  autostart: boolean;
  has_saved_image: boolean;
  vcpus: number;
  vcpus_max: number;
  memory_mib: number;
  memory_max_mib: number;
  os: { id: string; name: string } | null;
  addresses: string[];
  consoles: string[];
  changes_pending: boolean;
  job: string | null;
  revision: number;
  actions: Actions;
}

/** One value of a device: tagged by `type`, the other members depend on it. */
export type DeviceValue = { type: string } & Record<string, unknown>;

export interface Device {
  id: string;
  type: string;
  title: string;
  saved: DeviceValue | null;
  running: DeviceValue | null;
}

export interface Finding {
  id: string;
  severity: 'danger' | 'warning' | 'info';
  title: string;
  text: string;
  cure: string | null;
  action: string | null;
}

export interface PendingChange {
  field: string;
  device: string | null;
  saved: unknown;
  running: unknown;
}

export interface Domain extends DomainSummary {
  etag: string;
  arch: string;
  machine: string;
  type: string;
  firmware: 'bios' | 'uefi';
  secure_boot: boolean;
  emulator: string | null;
  cpu: {
    mode: string | null;
    model: string | null;
    topology: { sockets: number; dies: number; cores: number; threads: number } | null;
  };
  boot: { order: string[]; menu: boolean | null; menu_timeout_ms: number | null };
  devices: Device[];
  findings: Finding[];
  pending: PendingChange[];
}

export type HostState = 'connecting' | 'connected' | 'lost' | 'refused';

export interface Host {
  id: string;
  name: string;
  transport: 'local' | 'ssh' | 'tls' | 'tcp';
  address: string | null;
  port: number | null;
  user: string | null;
  state: HostState;
  problem: Problem | null;
  hostname: string;
  libvirt_version: string;
  hypervisor_version: string;
  cpus: number;
  cpu_model: string;
  memory_mib: number;
  memory_free_mib: number | null;
  arch: string;
  accelerators: string[];
  domains: number;
  running: number;
  actions: Actions;
}

export interface HostAdd {
  name: string;
  transport: 'ssh' | 'tls' | 'tcp';
  address: string;
  port?: number | null;
  user?: string | null;
}

export interface Session {
  user: string;
  role: 'administrator' | 'viewer';
  permissions: string[];
  csrf_token: string;
  idle_seconds: number;
  demo: boolean;
}

/** An entry of the registry: the same acts feed buttons, menus, palette, shortcut sheet and API. */
export interface Action {
  id: string;
  title: string;
  description: string;
  group: 'power' | 'state' | 'edit' | 'danger';
  method: string;
  path: string;
  permission: string;
  confirm: string | null;
  danger: boolean;
  shortcut: string | null;
  icon: string;
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  host: string;
  target: string;
  target_name: string;
  user: string;
  state: JobState;
  phase: string;
  progress: number | null;
  message: string;
  can_cancel: boolean;
  problem: Problem | null;
  result: unknown;
  started: string;
  ended: string | null;
  eta_seconds: number | null;
  details: Record<string, unknown>;
  log: { time: string; text: string }[];
}

export interface Plan {
  xml_diff: string;
  commands: string[];
  effects: { field: string; when: 'live' | 'next_start' }[];
  warnings: string[];
}

export interface FieldError {
  pointer: string;
  detail: string;
}

/** RFC 9457, with what Quarterdeck adds: `cure` what to do, `raw` libvirt's own words, `errors` by field. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  cure?: string | null;
  raw?: string | null;
  errors?: FieldError[];
  [extra: string]: unknown;
}

export interface DomainStats {
  /** Share of all its vCPUs, 0 to 100. */
  cpu_percent: number;
  memory_used_mib: number;
  disk_read_bytes_s: number;
  disk_write_bytes_s: number;
  net_rx_bytes_s: number;
  net_tx_bytes_s: number;
}

export interface HostStats {
  host: string;
  /** ISO 8601, UTC. */
  time: string;
  domains: Record<string, DomainStats>;
}

export interface DomainVolume {
  target: string;
  pool: string | null;
  volume: string | null;
  path: string;
  size_bytes: number | null;
  shared_by: string[];
  deletable: boolean;
  /** Whether a careful person would delete it with the machine. */
  preselected: boolean;
  reason: string | null;
}

export interface AuditEntry {
  id: number;
  time: string;
  user: string;
  address: string;
  act: string;
  host: string | null;
  target: string | null;
  /** `ok`, or the slug of the problem. */
  result: string;
  detail: string | null;
}

export interface Changed {
  kind: string;
  host: string;
  id: string;
  revision: number;
  value: unknown;
}
