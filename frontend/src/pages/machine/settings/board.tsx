import { useQuery } from '@tanstack/react-query';
import { call } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import { ChoiceField } from '../hardware/forms/ChoiceField';
import type { FieldsProps, HardwareForm } from '../hardware/forms/form';

type Offers = components['schemas']['OffersView'];

interface BoardForm {
  machine: string;
  firmware: 'bios' | 'uefi';
  secure_boot: boolean;
}

/** What the host can: its CPUs by node, its machine types. */
export function useOffers(domain: Domain): Offers | undefined {
  const { host, arch, machine } = domain;
  const read = useQuery({
    queryKey: ['capabilities', host, arch, machine],
    queryFn: ({ signal }) => call<Offers>('GET', '/hosts/{host}/capabilities', { path: { host }, query: { arch: arch || undefined, machine: machine || undefined }, signal }),
    staleTime: 300_000,
    retry: false,
  });
  return read.data;
}

/** Machine type and firmware: what the guest's hardware is built on. */
export const board: HardwareForm<BoardForm> = {
  id: 'board',
  title: () => t('Firmware and machine type'),
  adds: false,
  start: (domain) => ({ machine: domain.machine, firmware: domain.firmware, secure_boot: domain.secure_boot }),
  body: (value) => ({ machine: value.machine, firmware: value.firmware, secure_boot: value.firmware === 'uefi' && value.secure_boot }),
  pointers: ['/machine', '/firmware', '/secure_boot'],
  Basic: BoardFields,
};

/** The type it has, the newest of its family, and for an old board the new one. */
function machinesFor(now: string, offers: Offers | undefined): string[] {
  const machines = offers?.host.guests.find((guest) => guest.os_type === 'hvm' && guest.machines.some(({ name }) => name === 'q35'))?.machines ?? [];
  const alias = now.includes('q35') ? ['q35'] : ['pc', 'q35'];
  const newest = alias.flatMap((name) => machines.find((machine) => machine.name === name)?.canonical ?? []);
  return [...new Set([now, ...newest])].filter(Boolean);
}

function BoardFields({ domain, value, set, error }: FieldsProps<BoardForm>) {
  const offers = useOffers(domain);
  const noUefi = offers && !offers.domain.assumed && !offers.domain.firmwares.includes('uefi') ? t('The host has no UEFI; install the package ovmf there.') : '';
  const noSecure = value.firmware === 'bios' ? t('It is a part of UEFI.') : value.machine.includes('q35') ? '' : t('It needs the machine type Q35.');
  return (
    <>
      <ChoiceField
        id="firmware"
        label={t('Firmware')}
        help={noUefi || t('A system starts with the firmware that it was installed with.')}
        error={error('/firmware')}
        value={value.firmware}
        choices={[
          { value: 'bios', label: 'BIOS' },
          { value: 'uefi', label: 'UEFI', disabled: !!noUefi },
        ]}
        onChange={(firmware) => set({ firmware: firmware === 'uefi' ? 'uefi' : 'bios' })}
      />
      <ChoiceField
        id="secure_boot"
        label={t('Secure Boot')}
        help={noSecure || t('Only systems with a known signature start. “Start with fresh UEFI settings” forgets keys and boot entries.')}
        error={error('/secure_boot')}
        isDisabled={!!noSecure}
        value={value.secure_boot && !noSecure ? 'on' : 'off'}
        choices={[
          { value: 'off', label: t('off') },
          { value: 'on', label: t('on') },
        ]}
        onChange={(on) => set({ secure_boot: on === 'on' })}
      />
      <ChoiceField
        id="machine"
        label={t('Machine type')}
        help={t('A newer one has newer virtual hardware. From i440FX to Q35 disks leave IDE and all addresses change; the history leads back.')}
        error={error('/machine')}
        value={value.machine}
        choices={machinesFor(domain.machine, offers).map((name) => ({ value: name, label: name === domain.machine ? t('{{value}} (as it is)', { value: name }) : name }))}
        onChange={(machine) => set({ machine: machine ?? domain.machine })}
      />
    </>
  );
}
