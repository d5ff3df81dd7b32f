import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { putJob } from '../../../api/live';
import type { Device, Domain, Job } from '../../../api/types';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { isDomain, type Apply } from '../change';
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
  const cache = useQueryClient();
  const named = { device: device.title, name: domain.name };
  const waitFor = (job: Job) => {
    putJob(cache, job);
    toast.info(t('{{name}}: the guest was asked to let go of {{device}}', named));
  };
  return (
    <ReviewDialog
      title={device.saved ? t('Remove {{device}} from {{name}}?', named) : t('Ask {{name}} again to let go of {{device}}?', named)}
      verb={device.saved ? t('Remove') : t('Ask again')}
      danger
      domain={domain}
      change={{ method: 'DELETE', path: `/devices/${encodeURIComponent(device.id)}`, apply: on ? apply : undefined }}
      etag={etag}
      onClose={onClose}
      onDone={(answer) => {
        if (isDomain(answer)) toast.success(t('{{name}}: {{device}} removed', named), undefined, undo(answer));
        else waitFor(answer as Job);
        onClose();
      }}
    >
      {device.type === 'disk' ? <p>{t('The volume behind it stays in its pool.')}</p> : null}
      {on && domain.persistent && device.saved ? <ApplyChoice apply={apply} onChange={setApply} /> : null}
    </ReviewDialog>
  );
}
