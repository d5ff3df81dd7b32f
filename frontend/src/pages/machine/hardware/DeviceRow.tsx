import { DOMAIN, problemOf } from '../../../api/client';
import { Label } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { isOver, useJobs } from '../../../api/jobs';
import type { Device, Domain, DomainVolume } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { RowActs } from '../../../components/RowActs';
import { toast } from '../../../components/Toasts';
import { fieldTitle } from '../../../util/fields';
import { paths } from '../../../paths';
import { t } from '../../../util/i18n';
import { XmlDialog } from '../../xml/XmlButton';
import { CancelJob } from '../../../shell/JobCard';
import { keepDomain, useDomainChange } from '../change';
import { LooseCableAlert } from '../LooseCableAlert';
import { OldNew } from '../PendingList';
import { useUndo } from '../undo';
import type { LooseCable } from '../useLooseCables';
import { deviceFacts } from './facts';
import type { AnyForm } from './forms/form';
import { isDisk, isOn, valueOf } from './values';

interface Props {
  domain: Domain;
  device: Device;
  volume: DomainVolume | undefined;
  /** Set for a card that reaches nobody. */
  loose: LooseCable | undefined;
  reason: string | null;
  form: AnyForm | undefined;
  onEdit: (form: AnyForm) => void;
  onRemove: () => void;
  onMove: () => void;
}

/** One device: what it is, what of it waits for the next start, and what can be done with it. */
export function DeviceRow({ domain, device, volume, loose, reason, form, onEdit, onRemove, onMove }: Props) {
  const value = valueOf(device);
  const waiting = domain.pending.filter((change) => change.device === device.id && change.field !== 'device');
  const [xml, setXml] = useState(false);
  const edit = isDisk(value) && value.device === 'cdrom' ? t('Change medium') : t('Edit');
  const noForm = form ? null : t('There is no form for it yet. Its settings can be changed under XML.');
  const fixed = form?.fixed ? t('Nothing of it can be changed. Remove it and add another.') : null;
  const gone = device.saved ? null : t('It is gone at the next start.');
  const named = { device: device.title };
  const acts = [
    { id: 'edit', title: edit, label: `${edit}: ${device.title}`, reason: reason ?? gone ?? noForm ?? fixed, onAct: () => form && onEdit(form) },
    ...(isDisk(value) && value.device === 'disk' ? [{ id: 'move', title: t('Move'), label: t('Move to another pool: {{device}}', named), reason, onAct: onMove }] : []),
    { id: 'xml', title: t('XML'), label: t('XML of {{what}}', { what: device.title }), reason: gone, onAct: () => setXml(true) },
    device.saved
      ? { id: 'remove', title: t('Remove'), label: t('Remove: {{device}}', named), reason, danger: true, onAct: onRemove }
      : { id: 'remove', title: t('Ask again'), label: t('Ask again: {{device}}', named), reason, danger: true, onAct: onRemove },
  ];
  return (
    <li className="qd-device" id={device.id}>
      <div className="qd-device-text">
        <strong>{device.title}</strong> <Presence domain={domain} device={device} /> {device.installing ? <Label isCompact color="teal">{t('for the installation alone')}</Label> : null}
        <Leaving domain={domain} device={device} />
        <div className="qd-dim qd-device-facts">{deviceFacts(value, volume).join(' · ')}</div>
        {loose ? <LooseCableAlert domain={domain} loose={loose} cure={loose.why === 'down' ? <PutIn domain={domain} device={device} reason={reason} /> : <Another onEdit={() => form && onEdit(form)} reason={reason ?? gone} />} /> : null}
        {waiting.length > 0 ? (
          <ul className="qd-pending" aria-label={t('Waits for the next start')}>
            {waiting.map((change) => (
              <li key={change.field}>
                <span className="qd-pending-field">{fieldTitle(change.field)}</span> <OldNew field={change.field} old={change.running} now={change.saved} />
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      <RowActs row={device.title} acts={acts} />
      {xml ? <DeviceXml domain={domain} device={device} reason={reason} onClose={() => setXml(false)} /> : null}
    </li>
  );
}

function Another({ onEdit, reason }: { onEdit: () => void; reason: string | null }) {
  return (
    <ReasonButton variant="secondary" size="sm" reason={reason} onClick={onEdit}>
      {t('Choose another network')}
    </ReasonButton>
  );
}

/** Puts the cable of a card in, now and for good. */
function PutIn({ domain, device, reason }: Pick<Props, 'domain' | 'device' | 'reason'>) {
  const change = useDomainChange(domain);
  const undo = useUndo();
  const [busy, setBusy] = useState(false);
  const putIn = async () => {
    setBusy(true);
    try {
      const answer = await change({ method: 'PATCH', path: `/devices/${encodeURIComponent(device.id)}`, body: { link: 'up' }, ...(isOn(domain) ? { apply: 'both' as const } : {}) });
      toast.success(t('{{title}} changed', { title: `${domain.name}: ${device.title}` }), undefined, undo(answer.data));
    } catch (error) {
      toast.problem(device.title, problemOf(error));
    }
    setBusy(false);
  };
  return (
    <ReasonButton variant="secondary" size="sm" reason={reason} isLoading={busy} isDisabled={busy} onClick={() => void putIn()}>
      {t('Put it in')}
    </ReasonButton>
  );
}

/** Its XML, for what no form has. */
function DeviceXml({ domain, device, reason, onClose }: Pick<Props, 'domain' | 'device' | 'reason'> & { onClose: () => void }) {
  const cache = useQueryClient();
  const undo = useUndo();
  const { host, uuid } = domain;
  return (
    <XmlDialog
      what={device.title}
      template={`${DOMAIN}/devices/{device}/xml`}
      path={{ host, uuid, device: device.id }}
      reason={reason}
      onClose={onClose}
      onSaved={(answer) => {
        keepDomain(cache, answer);
        toast.success(t('{{title}} changed', { title: `${domain.name}: ${device.title}` }), undefined, undo(answer));
      }}
    />
  );
}

/** The job that waits until the guest lets go of it, and what can be done meanwhile. */
function Leaving({ domain, device }: { domain: Domain; device: Device }) {
  const job = useJobs().find((one) => one.kind === 'device-remove' && one.target === domain.uuid && one.details['device'] === device.id && !isOver(one));
  if (!job) return null;
  return (
    <p className="qd-dim">
      {t('The guest was asked to let go of it, and has not done so yet. It goes at the latest when the machine stops.')} <Link to={paths.job(job.id)}>{t('Waiting')}</Link> <CancelJob job={job} />
    </p>
  );
}

/** Whether it is in the saved and in the running machine, where these differ. */
function Presence({ domain, device }: { domain: Domain; device: Device }) {
  if (!isOn(domain)) return null;
  if (!device.saved) return <Label isCompact color="orange">{t('until the machine stops')}</Label>;
  // Some devices run under another id than they are saved; only libvirt's own comparison knows what really waits.
  const waits = domain.pending.some((change) => change.device === device.id && change.field === 'device');
  return waits ? <Label isCompact color="blue">{t('from the next start')}</Label> : null;
}
