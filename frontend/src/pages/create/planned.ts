import type { Optional } from './draft';
import { t } from '../../util/i18n';

/** A device of the machine that a plan would make. */
export interface PlannedDevice {
  key: string;
  title: string;
  detail: string;
  /** By which it can be left out. */
  optional: Optional | null;
}

export interface Planned {
  machine: string;
  firmware: string;
  accelerated: boolean;
  devices: PlannedDevice[];
}

/** Reads the machine out of a plan's XML difference, which for a new machine is all additions. Null where there is none. */
export function readPlanned(diff: string): Planned | null {
  const added = diff
    .split('\n')
    .filter((line) => line.startsWith('+') && !line.startsWith('+++'))
    .map((line) => line.slice(1))
    .join('\n');
  const start = added.search(/<domain[\s>]/);
  if (start < 0) return null;
  const xml = new DOMParser().parseFromString(added.slice(start, added.indexOf('</domain>') + 9), 'application/xml');
  const domain = xml.querySelector('domain');
  if (!domain || xml.querySelector('parsererror')) return null;
  const devices = [...(domain.querySelector(':scope > devices')?.children ?? [])];
  return {
    machine: domain.querySelector(':scope > os > type')?.getAttribute('machine') ?? '',
    // The metadata has an element of this name too.
    firmware: domain.querySelector(':scope > os')?.getAttribute('firmware') === 'efi' ? 'UEFI' : 'BIOS',
    accelerated: domain.getAttribute('type') === 'kvm',
    devices: devices.flatMap((element, index) => describe(element, index)),
  };
}

function describe(element: Element, index: number): PlannedDevice[] {
  const at = (selector: string, attribute: string) => element.querySelector(selector)?.getAttribute(attribute) ?? '';
  const own = (attribute: string) => element.getAttribute(attribute) ?? '';
  const one = (title: string, parts: string[], optional: Optional | null = null): PlannedDevice[] => [
    { key: `${element.tagName}-${index}`, title, detail: parts.filter(Boolean).join(' · '), optional },
  ];
  switch (element.tagName) {
    case 'disk': {
      const names: Record<string, string> = { cdrom: t('CD-ROM drive'), floppy: t('Floppy drive'), disk: t('Disk') };
      return one(names[own('device')] ?? own('device'), [at('target', 'dev'), at('target', 'bus'), at('driver', 'type'), at('source', 'file') || at('source', 'dev') || t('empty')]);
    }
    case 'interface':
      return one(t('Network card'), [at('model', 'type'), at('source', 'network') || at('source', 'bridge'), at('mac', 'address')]);
    case 'graphics':
      return one(t('Graphics'), [own('type').toUpperCase()]);
    case 'video':
      return one(t('Video card'), [at('model', 'type')], 'video');
    case 'serial':
      return one(t('Serial port'), [], 'serial');
    case 'channel':
      return one(t('Channel of the guest agent'), [at('target', 'name')], 'agent');
    case 'input':
      return one(own('type') === 'tablet' ? t('Pointer that follows the mouse') : t('Input'), [own('type'), own('bus')], own('type') === 'tablet' ? 'tablet' : null);
    case 'rng':
      return one(t('Random numbers'), [own('model')], 'rng');
    case 'memballoon':
      return own('model') === 'none' ? [] : one(t('Memory balloon'), [own('model')], 'memballoon');
    case 'tpm':
      return one(t('TPM'), [own('model'), at('backend', 'version')], 'tpm');
    case 'controller':
      return own('type') === 'pci' ? [] : one(t('Controller'), [own('type').toUpperCase(), own('model')]);
    // The console stands for the serial port that it belongs to.
    case 'emulator':
    case 'console':
      return [];
    default:
      return one(element.tagName, [own('model') || own('type')]);
  }
}
