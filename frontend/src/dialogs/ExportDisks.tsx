import { Checkbox, FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { Domain } from '../api/types';
import { t } from '../util/i18n';
import { disksOf } from './clone/wish';

interface Disk {
  target: string;
  title: string;
  shared: boolean;
}

/** The disks that an export may hold. */
export function exportable(domain: Domain | undefined): Disk[] {
  return (domain ? disksOf(domain) : []).flatMap(({ target, title, empty, device, shareable }): Disk[] => {
    if (empty || device !== 'disk') return [];
    return [{ target, title, shared: shareable }];
  });
}

/** Which disks go along; shown where there is a choice. */
export function ExportDisks({ disks, skip, error, onSkip }: { disks: Disk[]; skip: string[]; error?: string | undefined; onSkip: (skip: string[]) => void }) {
  if (disks.length < 2 && !disks.some((disk) => disk.shared)) return null;
  return (
    <FormGroup role="group" label={t('Disks')} fieldId="export-disks">
      {disks.map(({ target, title, shared }) => (
        <Checkbox
          key={target}
          id={`export-disk-${target}`}
          label={title}
          description={shared ? t('Shared: what machines that run write meanwhile may make its copy useless. Export it while they are off, or leave it out.') : null}
          isChecked={!skip.includes(target)}
          onChange={(_, on) => onSkip(on ? skip.filter((each) => each !== target) : [...skip, target])}
        />
      ))}
      {error ? (
        <FormHelperText>
          <HelperText>
            <HelperTextItem variant="error">{error}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}
