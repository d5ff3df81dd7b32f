import { Alert, Checkbox, ExpandableSection, TextInput } from '@patternfly/react-core';
import { useState } from 'react';
import type { MigrationRequest } from '../../api/migration';
import type { FieldError } from '../../api/types';
import { NumberField, OptionField } from './OptionField';
import { t } from '../../util/i18n';

interface Props {
  wish: MigrationRequest;
  set: (change: Partial<MigrationRequest>) => void;
  errors: FieldError[];
}

type Switch = 'auto_converge' | 'post_copy' | 'compressed' | 'tls' | 'tunnelled' | 'leave_paused' | 'abort_on_error' | 'unsafe';

const SWITCHES: { name: Switch; label: () => string; text: () => string }[] = [
  { name: 'auto_converge', label: () => t('Slow the guest down if it must be'), text: () => t('Auto-converge: its CPUs are held back until memory is sent faster than it changes.') },
  { name: 'post_copy', label: () => t('Allow post-copy'), text: () => t('It may run at the destination before all memory is there, and always comes to an end.') },
  { name: 'compressed', label: () => t('Compress'), text: () => t('Less network, more CPU.') },
  { name: 'tls', label: () => t('Encrypt the transfer (TLS)'), text: () => t('Needs certificates for QEMU on both hosts.') },
  { name: 'tunnelled', label: () => t("Through libvirt's own connection"), text: () => t('Tunnelled: no port to open, encrypted by that connection, slower.') },
  { name: 'leave_paused', label: () => t('Leave it paused there'), text: () => t('To look at it before it goes on.') },
  { name: 'abort_on_error', label: () => t('Give up at a disk error'), text: () => t('It runs on here if its disk reports an error on the way.') },
  { name: 'unsafe', label: () => t('Skip the check of the disks'), text: () => t('Only if you know that the disks are shared and their cache is safe: otherwise data are lost.') },
];

/** Everything that most moves leave as it is. */
export function Options({ wish, set, errors }: Props) {
  const [open, setOpen] = useState(false);
  const memory = wish.mode !== 'offline';
  // A fault in a folded field would be invisible.
  const shown = open || errors.length > 0;
  return (
    <ExpandableSection toggleText={t('Options')} isExpanded={shown} onToggle={(_, next) => setOpen(next)}>
      <div className="qd-options">
        {memory ? (
          <>
            <div className="qd-form-pair">
              <NumberField name="bandwidth_mib_s" label={t('Bandwidth limit, MiB/s')} none={t('no limit')} value={wish.bandwidth_mib_s} errors={errors} onChange={(bandwidth_mib_s) => set({ bandwidth_mib_s })} />
              <NumberField name="max_downtime_ms" label={t('Longest pause, ms')} none="300" value={wish.max_downtime_ms} errors={errors} onChange={(max_downtime_ms) => set({ max_downtime_ms })} />
              <NumberField name="parallel" label={t('Parallel connections')} none={t('one')} value={wish.parallel} errors={errors} onChange={(parallel) => set({ parallel })} />
            </div>
            {SWITCHES.map(({ name, label, text }) => (
              <OptionField key={name} name={name} errors={errors}>
                <Checkbox id={`migrate-${name}`} label={label()} description={text()} isChecked={wish[name]} onChange={(_, on) => set({ [name]: on })} />
              </OptionField>
            ))}
            {wish.post_copy ? (
              <Alert variant="warning" isInline title={t('Post-copy is dangerous')}>
                {t('After the switch one half of its memory is on each host. If the network breaks then, the machine is lost, as after a power cut.')}
              </Alert>
            ) : null}
          </>
        ) : null}
        <OptionField name="undefine_source" errors={errors}>
          <Checkbox id="migrate-keep" label={t('Keep its definition here')} description={t('Never start both: they would use the same disks.')} isChecked={!wish.undefine_source} onChange={(_, keep) => set({ undefine_source: !keep })} />
        </OptionField>
        {memory ? (
          <OptionField name="persistent" errors={errors}>
            <Checkbox id="migrate-persistent" label={t('Keep it at the destination')} description={t('Otherwise libvirt there forgets it when it stops.')} isChecked={wish.persistent} onChange={(_, persistent) => set({ persistent })} />
          </OptionField>
        ) : (
          <OptionField name="start" errors={errors}>
            <Checkbox id="migrate-start" label={t('Start it there')} isChecked={wish.start} onChange={(_, start) => set({ start })} />
          </OptionField>
        )}
        <div className="qd-form-pair">
          <OptionField name="transfer_address" label={t('Address for the transfer')} help={t('Of the destination, where a network of its own is to carry it.')} errors={errors}>
            <TextInput id="migrate-transfer_address" value={wish.transfer_address ?? ''} onChange={(_, text) => set({ transfer_address: text || null })} />
          </OptionField>
          <OptionField name="rename" label={t('New name there')} errors={errors}>
            <TextInput id="migrate-rename" value={wish.rename ?? ''} onChange={(_, text) => set({ rename: text || null })} />
          </OptionField>
        </div>
      </div>
    </ExpandableSection>
  );
}
