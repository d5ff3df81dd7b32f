import { FormSelect, FormSelectOption } from '@patternfly/react-core';
import { call, problemOf } from '../api/client';
import type { Job } from '../api/types';
import { toast } from '../components/Toasts';
import { t } from '../util/i18n';
import { formatRate } from '../util/units';

const LIMITS = [10, 25, 50, 100, 250, 500];

/** How fast the copy or merge of a disk is, and the most that it may be: changed while it runs. */
export function DiskSpeed({ job }: { job: Job }) {
  const { disk, rate_bytes_s: rate, bandwidth_mib_s: limit } = job.details as { disk?: string; rate_bytes_s?: number; bandwidth_mib_s?: number };
  if (!disk) return null;
  const now = limit ?? 0;
  const choices = [...new Set([0, now, ...LIMITS])].sort((a, b) => a - b);
  const change = (value: string) => {
    call('PATCH', '/jobs/{id}', { path: { id: job.id }, body: { bandwidth_mib_s: Number(value) } }).catch((error: unknown) => toast.problem(t('Speed'), problemOf(error)));
  };
  return (
    <div className="qd-disk-speed">
      <span>{t('Disk {{disk}}: {{rate}}', { disk, rate: formatRate(rate) })}</span>
      <FormSelect aria-label={t('Speed at most')} value={String(now)} isDisabled={!job.can_cancel} onChange={(_, value) => change(value)}>
        {choices.map((choice) => (
          <FormSelectOption key={choice} value={String(choice)} label={choice === 0 ? t('no limit') : t('at most {{count}} MiB/s', { count: choice })} />
        ))}
      </FormSelect>
    </div>
  );
}
