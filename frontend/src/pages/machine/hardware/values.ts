import type { Device, DeviceValue, Domain } from '../../../api/types';

/** Members of device values that the page reads by name. Missing means that libvirt decides. */
export interface DiskValue extends DeviceValue {
  type: 'disk';
  device: string;
  target: string;
  bus: string | null;
  source: { type: string | null; file: string | null; dev: string | null; pool: string | null; volume: string | null; protocol: string | null; name: string | null };
  format: string | null;
  cache: string | null;
  io: string | null;
  discard: string | null;
  detect_zeroes: string | null;
  readonly: boolean;
  shareable: boolean;
  serial: string | null;
}

export interface InterfaceValue extends DeviceValue {
  type: 'interface';
  mac: string | null;
  source: { type: string | null; network: string | null; bridge: string | null; dev: string | null };
  model: string | null;
  link: string | null;
  mtu: number | null;
}

export const isDisk = (value: DeviceValue | null): value is DiskValue => value?.type === 'disk';
export const isInterface = (value: DeviceValue | null): value is InterfaceValue => value?.type === 'interface';

/** What the next start uses; for a device that is on its way out, what runs. */
export function valueOf(device: Device): DeviceValue {
  return device.saved ?? device.running ?? { type: device.type };
}

export const isOn = (domain: Domain): boolean => domain.state !== 'shut_off' && domain.state !== 'crashed';

/** The saved value where it waits for the next start, else the one that the summary shows. */
export function savedOf<T>(domain: Domain, field: string, shown: T): T {
  const waiting = domain.pending.find((change) => change.device === null && change.field === field);
  return waiting ? (waiting.saved as T) : shown;
}
