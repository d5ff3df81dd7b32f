import { useState } from 'react';
import type { Device, Domain } from '../../../api/types';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import type { Apply } from '../change';
import { ReviewDialog } from '../ReviewDialog';
import { useUndo } from '../undo';
import { ApplyChoice } from './ApplyChoice';
import { isOn } from './values';

/** Takes a device out; what it holds stays where it lies. */
export function RemoveDialog({ domain, device, onClose }: { domain: Domain; device: Device; onClose: () => void }) {
  const [etag] = useState(domain.etag);
  const [apply, setApply] = useState<Apply>(device.saved ? (device.running ? 'both' : 'next_start') : 'live');
  const on = isOn(domain);
  const undo = useUndo();
  return (
    <ReviewDialog
      title={t('Remove {{device}} from {{name}}?', { device: device.title, name: domain.name })}
      verb={t('Remove')}
      danger
      domain={domain}
      change={{ method: 'DELETE', path: `/devices/${encodeURIComponent(device.id)}`, apply: on ? apply : undefined }}
      etag={etag}
      onClose={onClose}
      onDone={(answer) => {
        toast.success(t('{{name}}: {{device}} removed', { name: domain.name, device: device.title }), undefined, undo(answer));
        onClose();
      }}
    >
      {device.type === 'disk' ? <p>{t('The volume behind it stays in its pool.')}</p> : null}
      {on && domain.persistent ? <ApplyChoice apply={apply} onChange={setApply} /> : null}
    </ReviewDialog>
  );
}
