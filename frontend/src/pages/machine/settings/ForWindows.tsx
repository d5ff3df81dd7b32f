import { Button } from '@patternfly/react-core';
import { t } from '../../../util/i18n';
import type { FieldsProps } from '../hardware/forms/form';
import type { Values } from '../hardware/forms/values';

const ALWAYS = ['relaxed', 'vapic', 'spinlocks', 'vpindex', 'runtime', 'synic', 'reset', 'frequencies', 'tlbflush', 'ipi'];

/** Sets the enlightenments that virt-manager gives Windows; its timers only where their clock is there. */
export function ForWindows({ domain, value, set }: FieldsProps<Values>) {
  const clock = domain.clock.timers?.some((timer) => timer.name === 'hypervclock' && timer.present) ?? false;
  const features = value['features'] as Values;
  const wanted = { ...Object.fromEntries(ALWAYS.map((name) => [name, true])), spinlock_retries: '8191', ...(clock ? { stimer: true, stimer_direct: true } : {}) };
  return (
    <div className="qd-order qd-part">
      <div>
        <Button variant="secondary" size="sm" onClick={() => set({ features: { ...features, hyperv: { ...(features['hyperv'] as Values), ...wanted } } })}>
          {t('Set what is recommended for Windows')}
        </Button>
      </div>
      {clock ? null : <p className="qd-dim">{t('With the timer hypervclock (under Clock) its timers are set as well.')}</p>}
    </div>
  );
}
