import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { call, problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { t } from '../../../util/i18n';
import type { AnyForm } from '../hardware/forms/form';
import type { Controls } from '../hardware/forms/FormFields';
import type { FormView, Values } from '../hardware/forms/values';
import { memory } from '../hardware/forms/memory';
import { processors } from '../hardware/forms/processors';
import { HardwareDialog } from '../hardware/HardwareDialog';
import { HardwareGroup } from '../hardware/HardwareGroup';
import type { TabProps } from '../MachinePage';
import { cpuText, memoryText } from '../overview/texts';
import { board } from './board';
import { bootOrder, titleOf } from './bootOrder';
import { PinGrid } from './PinGrid';
import { SettingRow } from './SettingRow';
import { factsOf, settingsForm } from './settingsForm';

interface Row {
  form: AnyForm;
  help: string;
  facts: string[];
  waits: (field: string) => boolean;
}

/** All settings of the machine itself, section by section; what it is made of stands under Hardware. */
export default function SettingsTab({ domain }: TabProps) {
  const { host, uuid, etag } = domain;
  const [open, setOpen] = useState<AnyForm | null>(null);
  const read = useQuery({
    queryKey: ['settings', host, uuid, etag],
    queryFn: ({ signal }) => call<FormView[]>('GET', '/hosts/{host}/domains/{uuid}/settings', { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
  });
  const views = read.data;
  const rows = useMemo(() => (views ? [...ownRows(domain), ...views.map((view) => declaredRow(view, domain))] : []), [views, domain]);
  if (read.error) return <ProblemAlert problem={problemOf(read.error)} />;
  if (read.isPending) return <LoadingPage text={t('Reading the settings')} />;
  return (
    <>
      <HardwareGroup title={t('Settings')}>
        {rows.map(({ form, ...row }) => (
          <SettingRow key={form.id} {...row} domain={domain} title={form.title()} reason={domain.actions['edit'] ?? null} onEdit={() => setOpen(form)} />
        ))}
      </HardwareGroup>
      {open ? <HardwareDialog key={open.id} domain={domain} form={open} device={null} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function ownRows(domain: Domain): Row[] {
  const order = domain.boot.order.map((id) => titleOf(domain, id));
  return [
    { form: processors, help: '', facts: [cpuText(domain)], waits: (field) => /^(vcpus|cpu\.(mode|model|topology))/.test(field) },
    { form: memory, help: '', facts: [memoryText(domain)], waits: (field) => /^memory(_max)?_mib/.test(field) },
    { form: bootOrder, help: t('What it starts from'), facts: order, waits: (field) => field === 'boot.order' || field === 'boot.kinds' },
    {
      form: board,
      help: '',
      facts: [domain.firmware === 'uefi' ? (domain.secure_boot ? t('UEFI with Secure Boot') : 'UEFI') : 'BIOS', domain.machine],
      waits: (field) => /^(machine|firmware)/.test(field),
    },
  ];
}

function declaredRow(view: FormView, domain: Domain): Row {
  const controls: Controls = { '/cputune/vcpu_pins': (props) => <PinGrid domain={domain} {...props} /> };
  const members = view.fields.map((field) => field.name);
  const own = /^(cpu\.(mode|model|topology)|boot\.(order|kinds))/;
  return {
    form: { ...settingsForm(view, controls), title: () => (view.id === 'cpu' || view.id === 'memory' ? t('{{title}}: more', { title: view.title }) : view.title) },
    help: view.help,
    facts: factsOf(view.fields, domain as unknown as Values).slice(0, 8),
    waits: (field) => members.includes(field.split('.')[0] ?? '') && !own.test(field),
  };
}
