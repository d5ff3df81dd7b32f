import { DropdownGroup, DropdownItem, DropdownList } from '@patternfly/react-core';
import type { Device, Domain } from '../api/types';
import { reasonProps } from '../components/DisabledReason';
import { isDisk, valueOf } from '../pages/machine/hardware/values';
import { t } from '../util/i18n';

/** The CD-ROM drives, as entries of the console's menu: an installer asks for its next disc on the screen. */
export function MediumItems({ domain, onChange }: { domain: Domain; onChange: (drive: Device) => void }) {
  const drives = domain.devices.filter((device) => {
    const value = valueOf(device);
    return isDisk(value) && value.device === 'cdrom';
  });
  if (drives.length === 0) return null;
  return (
    <DropdownGroup label={t('Change medium')}>
      <DropdownList>
        {drives.map((drive) => (
          <DropdownItem key={drive.id} onClick={() => onChange(drive)} {...reasonProps(domain.actions['edit'])}>
            {drive.title}
          </DropdownItem>
        ))}
      </DropdownList>
    </DropdownGroup>
  );
}
