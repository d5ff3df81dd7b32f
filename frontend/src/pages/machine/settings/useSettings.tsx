import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call, DOMAIN, problemOf } from '../../../api/client';
import type { Domain, Problem } from '../../../api/types';
import { declared, type Special } from '../hardware/forms/declared';
import type { AnyForm } from '../hardware/forms/form';
import type { Controls } from '../hardware/forms/FormFields';
import type { FormView } from '../hardware/forms/values';
import { board } from './board';
import { OrderField } from './bootOrder';
import { firmwareFacts, sectionFacts } from './facts';
import { ForWindows } from './ForWindows';
import { memory, memoryControls } from './memory';
import { PinGrid } from './PinGrid';
import { processorControls, processors } from './processors';
import { Unsupported } from './Unsupported';

/** One section of a machine's settings. */
export interface Section {
  form: AnyForm;
  help: string;
  facts: string[];
  /** Which waiting changes belong here. */
  waits: (field: string) => boolean;
}

/** All sections, from the server's declarations. */
export function useSettings(domain: Domain): { sections: Section[]; problem: Problem | null; loading: boolean } {
  const { host, uuid, etag } = domain;
  const read = useQuery({
    queryKey: ['settings', host, uuid, etag],
    queryFn: ({ signal }) => call<FormView[]>('GET', `${DOMAIN}/settings`, { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
  });
  const views = read.data;
  const sections = useMemo(() => (views ? sectionsOf(views, domain) : []), [views, domain]);
  return { sections, problem: read.error ? problemOf(read.error) : null, loading: read.isPending };
}

function sectionsOf(views: FormView[], domain: Domain): Section[] {
  const firmware = { form: board, help: '', facts: firmwareFacts(domain), waits: (field: string) => /^(machine|firmware)/.test(field) };
  const all = views.map((view) => sectionOf(view, domain));
  const after = views.findIndex(({ id }) => id === 'boot') + 1;
  return [...all.slice(0, after), firmware, ...all.slice(after)];
}

function sectionOf(view: FormView, domain: Domain): Section {
  const members = view.fields.map((field) => field.name);
  return {
    form: declared(view, { controls: controlsOf(domain), special: SPECIAL[view.id] ?? {} }),
    help: view.help,
    facts: sectionFacts(view, domain),
    waits: (field) => members.includes(field.split('.')[0] ?? ''),
  };
}

const SPECIAL: Record<string, Special> = { cpu: processors, memory, features: { Fields: ForWindows }, qemu: { Fields: Unsupported } };

const controlsOf = (domain: Domain): Controls => ({
  ...processorControls,
  ...memoryControls(domain),
  '/boot/order': (props) => <OrderField domain={domain} {...props} />,
  '/cputune/vcpu_pins': (props) => <PinGrid domain={domain} {...props} />,
});
