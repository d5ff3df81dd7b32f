import { useState } from 'react';
import type { MigrationDetails } from '../../api/migration';
import type { Job } from '../../api/types';
import { t } from '../../util/i18n';
import { formatBytes, formatRate } from '../../util/units';

interface Sample {
  elapsed: number;
  rate: number;
  dirty: number;
  left: number;
}

const MOST = 240;
const WIDTH = 400;
const HEIGHT = 56;

/** What remains, beside what is sent and, where it runs, what the guest changes meanwhile: the move ends when the one stays above the other. */
export function RateGraph({ job }: { job: Job }) {
  const seen = job.details as MigrationDetails;
  const [samples, setSamples] = useState<Sample[]>([]);
  const off = seen.asked?.mode === 'offline';
  const elapsed = seen.elapsed_ms ?? 0;
  if (elapsed > (samples.at(-1)?.elapsed ?? 0)) {
    setSamples([...samples.slice(-MOST), { elapsed, rate: seen.rate_bytes_s ?? 0, dirty: seen.dirty_rate_bytes_s ?? 0, left: seen.remaining_bytes ?? 0 }]);
  }
  if (samples.length < 2) return null;
  const top = Math.max(...samples.map((sample) => Math.max(sample.rate, sample.dirty)), 1);
  const first = samples[0]?.elapsed ?? 0;
  const span = Math.max((samples.at(-1)?.elapsed ?? 0) - first, 1);
  const most = Math.max(...samples.map((sample) => sample.left), 1);
  const line = (value: (sample: Sample) => number, top: number) =>
    samples.map((sample) => `${(((sample.elapsed - first) / span) * WIDTH).toFixed(1)},${(HEIGHT - (value(sample) / top) * (HEIGHT - 4) - 2).toFixed(1)}`).join(' ');
  return (
    <figure className="qd-rate-graph">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('Rates over time, up to {{rate}}; {{left}} of {{most}} remain', { rate: formatRate(top), left: formatBytes(samples.at(-1)?.left), most: formatBytes(most) })}>
        <polygon className="qd-rate-left" points={`0,${HEIGHT} ${line((sample) => sample.left, most)} ${WIDTH},${HEIGHT}`} />
        <polyline className="qd-rate-sent" points={line((sample) => sample.rate, top)} />
        {off ? null : <polyline className="qd-rate-dirty" points={line((sample) => sample.dirty, top)} />}
      </svg>
      <figcaption>
        <span className="qd-key-left">{t('remaining')}</span> <span className="qd-key-sent">{t('sent')}</span> {off ? null : <span className="qd-key-dirty">{t('changed by the guest')}</span>} <span className="qd-dim">{t('top: {{rate}}', { rate: formatRate(top) })}</span>
      </figcaption>
    </figure>
  );
}
