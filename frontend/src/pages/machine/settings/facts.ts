import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import type { FormField, FormView, Values } from '../hardware/forms/values';
import { cpuText, memoryText } from '../overview/texts';
import { titleOf } from './bootOrder';

/** So many are told in a row; the form has them all. */
const MOST = 8;

/** What is set in a section, in few words: `Clock: utc`, `Timers: 2`. */
export function sectionFacts(view: FormView, domain: Domain): string[] {
  const { lead = () => [], told = [] } = OWN[view.id] ?? {};
  return [...lead(domain), ...factsOf(view.fields, domain as unknown as Values, told)].slice(0, MOST);
}

/** Sections whose first facts are told in words of their own, and the values that these words hold. */
const OWN: Record<string, { lead: (domain: Domain) => string[]; told: string[] }> = {
  cpu: { lead: (domain) => [cpuText(domain)], told: ['vcpus', 'vcpus_max', 'mode', 'model', 'topology', 'check'] },
  memory: { lead: (domain) => [memoryText(domain)], told: ['memory_mib', 'memory_max_mib'] },
  boot: { lead: (domain) => domain.boot.order.map((id) => titleOf(domain, id)), told: ['order'] },
};

/** What libvirt decides is left out. */
function factsOf(fields: FormField[], values: Values, told: string[] = []): string[] {
  return fields.flatMap((field) => {
    const value = values[field.name];
    if (told.includes(field.name) || value === null || value === undefined || value === '' || value === false) return [];
    if (field.control === 'group') return factsOf(field.fields, value as Values, told);
    if (Array.isArray(value)) return value.length > 0 ? [`${field.title}: ${value.length}`] : [];
    if (value === true) return [field.title];
    const meaning = field.choices.find((choice) => choice.value === value)?.title;
    return [`${field.title}: ${meaning || String(value)}${field.unit ? ` ${field.unit}` : ''}`];
  });
}

export const firmwareFacts = (domain: Domain): string[] => [domain.firmware === 'uefi' ? (domain.secure_boot ? t('UEFI with Secure Boot') : 'UEFI') : 'BIOS', domain.machine];
