import type { Device, Domain } from '../../../api/types';
import { formFor, useKinds } from './forms';
import { HardwareDialog } from './HardwareDialog';
import { valueOf } from './values';

interface Props {
  domain: Domain;
  device: Device;
  onClose: () => void;
}

/** The form of one device, for places that know no forms. */
export function DeviceDialog({ domain, device, onClose }: Props) {
  const form = formFor(useKinds(domain).kinds, valueOf(device));
  return form ? <HardwareDialog domain={domain} form={form} device={device} onClose={onClose} /> : null;
}
