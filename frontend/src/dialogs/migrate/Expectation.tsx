import type { Forecast } from '../../api/migration';
import { t } from '../../util/i18n';
import { formatRate } from '../../util/units';
import type { Wish } from './wish';

/** What to expect of the move, and what that is drawn from. */
export function Expectation({ forecast }: { forecast: Forecast; onWish: (change: Partial<Wish>) => void }) {
  return (
    <p className="qd-forecast">
      <strong>{t('Forecast')}</strong> {forecast.text}{' '}
      <span className="qd-dim">
        {[
          forecast.dirty_rate_bytes_s === null ? '' : t('The guest changes {{rate}} of memory.', { rate: formatRate(forecast.dirty_rate_bytes_s) }),
          forecast.link_assumed ? t('A network of {{rate}} is assumed.', { rate: formatRate(forecast.link_bytes_s) }) : '',
        ].join(' ')}
      </span>
    </p>
  );
}
