import type { DeviceValue } from '../../../../api/types';
import { cdrom } from './cdrom';
import { disk } from './disk';
import type { AnyForm } from './form';
import { display } from './graphics';
import { nic } from './nic';

/** Every kind of hardware that has a form, in the order of the "Add hardware" list. */
export const FORMS: AnyForm[] = [disk, cdrom, nic, display];

/** The form that changes this device, if there is one yet. */
export function formFor(value: DeviceValue): AnyForm | undefined {
  return FORMS.find((form) => form.fits?.(value));
}
