import { Checkbox, ExpandableSection, FormSelectOption } from '@patternfly/react-core';
import { useState } from 'react';
import { FormSelect } from '../../components/inputs';
import { t } from '../../util/i18n';
import type { Optional } from './draft';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';
import type { Planned, PlannedDevice } from './planned';

const NAMES: Record<Optional, () => string> = {
  tablet: () => t('Pointer that follows the mouse'),
  serial: () => t('Serial port'),
  agent: () => t('Channel of the guest agent'),
  rng: () => t('Random numbers'),
  memballoon: () => t('Memory balloon'),
  tpm: () => t('TPM'),
  video: () => t('Video card'),
};

/** Firmware, screen, and every device that the machine would get, before it is made. */
export function DevicesSection({ draft, resolved, set, errors, planned }: SectionProps & { planned: Planned | null }) {
  const [open, setOpen] = useState(false);
  const firmware = resolved.system?.firmware ?? {};
  const unfit = (draft.firmware === 'bios' && firmware['bios'] === false) || (draft.firmware === 'uefi' && firmware['efi'] === false);
  const leave = (optional: Optional, out: boolean) => set({ without: out ? [...draft.without, optional] : draft.without.filter((known) => known !== optional) });
  // One that was just left out stands in the plan until the next one comes.
  const gone = draft.without.filter((optional) => !planned?.devices.some((device) => device.optional === optional));
  return (
    <>
      <div className="qd-form-pair">
        <PointedField id="firmware" label={t('Firmware')} pointers={['/firmware', '/secure_boot']} errors={errors} warning={unfit ? t('{{name}} does not start with it.', { name: resolved.system?.name ?? '' }) : null}>
          <FormSelect id="firmware" value={draft.firmware ?? ''} onChange={(_, value) => set({ firmware: value === '' ? undefined : (value as 'bios' | 'uefi') })}>
            <FormSelectOption value="" label={planned && !draft.firmware ? t('As fits the system ({{firmware}})', { firmware: planned.firmware }) : t('As fits the system')} />
            <FormSelectOption value="bios" label="BIOS" />
            <FormSelectOption value="uefi" label="UEFI" />
          </FormSelect>
        </PointedField>
        <PointedField id="graphics" label={t('Screen')} pointers={['/graphics']} errors={errors} help={draft.graphics === 'none' ? t('Only its serial port is left to see it.') : null}>
          <FormSelect id="graphics" value={draft.graphics ?? 'vnc'} onChange={(_, value) => set({ graphics: value === 'none' ? 'none' : undefined })}>
            <FormSelectOption value="vnc" label={t('VNC, shown in this page')} />
            <FormSelectOption value="none" label={t('None')} />
          </FormSelect>
        </PointedField>
      </div>
      <ExpandableSection toggleText={planned ? t('Review its {{count}} devices', { count: planned.devices.length }) : t('Review its devices')} isExpanded={open} onToggle={(_, next) => setOpen(next)}>
        {planned ? null : <p className="qd-dim">{t('They are listed here as soon as the form holds enough.')}</p>}
        <ul className="qd-review">
          {planned?.devices.map((device) => (
            <DeviceRow key={device.key} device={device} out={device.optional !== null && draft.without.includes(device.optional)} onLeave={leave} />
          ))}
          {gone.map((optional) => (
            <li key={optional}>
              <Checkbox id={`device-${optional}`} label={<s>{NAMES[optional]()}</s>} description={t('left out')} isChecked={false} onChange={() => leave(optional, false)} />
            </li>
          ))}
        </ul>
      </ExpandableSection>
    </>
  );
}

function DeviceRow({ device, out, onLeave }: { device: PlannedDevice; out: boolean; onLeave: (optional: Optional, out: boolean) => void }) {
  const { optional } = device;
  return (
    <li>
      {optional ? (
        <Checkbox id={`device-${device.key}`} label={device.title} description={device.detail} isChecked={!out} onChange={() => onLeave(optional, !out)} />
      ) : (
        <div className="qd-review-device">
          <span>{device.title}</span>
          <span className="qd-dim">{device.detail}</span>
        </div>
      )}
    </li>
  );
}
