import { useState } from 'react';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { t } from '../../../util/i18n';
import { HardwareDialog } from '../hardware/HardwareDialog';
import { HardwareGroup } from '../hardware/HardwareGroup';
import type { AnyForm } from '../hardware/forms/form';
import type { TabProps } from '../MachinePage';
import { MetadataGroup } from './MetadataGroup';
import { SettingRow } from './SettingRow';
import { useSettings } from './useSettings';

/** All settings of the machine itself, section by section; what it is made of stands under Hardware. */
export default function SettingsTab({ domain }: TabProps) {
  const [open, setOpen] = useState<AnyForm | null>(null);
  const { sections, problem, loading } = useSettings(domain);
  if (problem) return <ProblemAlert problem={problem} />;
  if (loading) return <LoadingPage text={t('Reading the settings')} />;
  return (
    <div className="qd-stack">
      <HardwareGroup title={t('Settings')}>
        {sections.map((section) => (
          <SettingRow key={section.form.id} section={section} domain={domain} onEdit={() => setOpen(section.form)} />
        ))}
      </HardwareGroup>
      <MetadataGroup domain={domain} />
      {open ? <HardwareDialog key={open.id} domain={domain} form={open} device={null} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}
