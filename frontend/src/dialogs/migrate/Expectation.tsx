import { Button } from '@patternfly/react-core';
import type { Forecast } from '../../api/migration';
import { t } from '../../util/i18n';
import { formatTime } from '../../util/time';
import { formatBytes, formatRate } from '../../util/units';
import type { Wish } from './wish';

/** What to expect of the move, what that is drawn from, and the style that would do better. */
export function Expectation({ forecast, onWish }: { forecast: Forecast; onWish: (change: Partial<Wish>) => void }) {
  const { helps } = forecast;
  return (
    <div>
      <p>
        <strong>{t('Forecast')}</strong> {forecast.text} <span className="qd-dim">{basis(forecast).filter(Boolean).join(' ')}</span>
      </p>
      {helps?.wish ? (
        <Button variant="secondary" size="sm" onClick={() => onWish(helps.wish ?? {})}>
          {helps.title}
        </Button>
      ) : null}
    </div>
  );
}

function basis(forecast: Forecast): string[] {
  const rate = formatRate(forecast.link_bytes_s);
  const time = formatTime(forecast.link_seen);
  const link: Record<Forecast['link_source'], string> = {
    learnt: t('Earlier moves between these hosts reached {{rate}}, the last one {{time}}.', { rate, time }),
    measured: t('A test stream between these hosts reached {{rate}} ({{time}}).', { rate, time }),
    limit: t('The limit is {{rate}}.', { rate }),
    card: t('The network cards can {{rate}}; the first move shows what is real.', { rate }),
    assumed: t('A network of {{rate}} is assumed.', { rate }),
  };
  return [
    forecast.dirty_rate_bytes_s === null ? '' : forecast.dirty_rate_bytes_s < 1 ? t('The guest changes none of its memory just now.') : t('The guest changes {{rate}} of memory.', { rate: formatRate(forecast.dirty_rate_bytes_s) }),
    forecast.working_set_bytes ? t('It rewrites the same {{size}} over and over.', { size: formatBytes(forecast.working_set_bytes) }) : '',
    forecast.data_bytes === null ? '' : t('{{size}} will go over.', { size: formatBytes(forecast.data_bytes) }),
    link[forecast.link_source],
    forecast.error_percent === null ? '' : t('The last {{count}} forecasts were off by {{percent}} %.', { count: forecast.learnt_from, percent: forecast.error_percent }),
  ];
}
