import { Checkbox, FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import type { Domain } from '../api/types';
import { t } from '../util/i18n';
import { disksOf } from './clone/wish';

interface Disk {
  target: string;
  title: string;
  /** Why it cannot be exported now. */
  reason: string | null;
}

/** The disks that an export may hold. Those that others write meanwhile cannot be read at one moment. */
export function exportable(domain: Domain | undefined): Disk[] {
  return (domain ? disksOf(domain) : []).flatMap(({ target, title, empty, device, shareable }): Disk[] => {
    if (empty || device !== 'disk') return [];
    const written = shareable && domain?.state !== 'shut_off';
    return [{ target, title, reason: written ? t('Other machines may write it meanwhile. It goes along when all of them are off.') : null }];
  });
}

/** Which disks go along; shown where there is a choice. */
export function ExportDisks({ disks, skip, error, onSkip }: { disks: Disk[]; skip: string[]; error?: string | undefined; onSkip: (skip: string[]) => void }) {
  if (disks.length < 2 && !disks.some((disk) => disk.reason)) return null;
  return (
    <FormGroup role="group" label={t('Disks')} fieldId="export-disks">
      {disks.map(({ target, title, reason }) => (
        <Checkbox
          key={target}
          id={`export-disk-${target}`}
          label={title}
          description={reason}
          isDisabled={!!reason}
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
