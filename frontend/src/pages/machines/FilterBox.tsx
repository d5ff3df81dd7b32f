import { Button, Popover, SearchInput } from '@patternfly/react-core';
import HelpIcon from '@patternfly/react-icons/dist/esm/icons/outlined-question-circle-icon';
import { useRef } from 'react';
import { useShortcut } from '../../shell/keysContext';
import { t } from '../../util/i18n';
import { filterHelp } from './machineFilter';

interface Props {
  value: string;
  onChange: (value: string) => void;
  /** "12 of 40", shown when the filter hides some. */
  count: string | undefined;
  unknown: string[];
}

/** One box for words and qualifiers, with its grammar one click away. `/` puts the cursor there. */
export function FilterBox({ value, onChange, count, unknown }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useShortcut('/', t('Filter'), t('Machines'), () => input.current?.focus());
  return (
    <div className="qd-filter">
      <SearchInput
        ref={input}
        aria-label={t('Filter machines')}
        placeholder={t('Filter: web state:running mem>2G')}
        value={value}
        onChange={(_, next) => onChange(next)}
        onClear={() => onChange('')}
        resultsCount={count}
        onKeyDown={(event) => (event.key === 'Escape' ? onChange('') : undefined)}
      />
      <Popover
        aria-label={t('How to filter')}
        headerContent={t('How to filter')}
        minWidth="22rem"
        maxWidth="32rem"
        bodyContent={(hide) => (
          <dl className="qd-help">
            {filterHelp().map(([example, meaning]) => (
              <div key={example}>
                <dt>
                  <button
                    type="button"
                    onClick={() => {
                      onChange(example);
                      hide();
                    }}
                  >
                    <code>{example}</code>
                  </button>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        )}
      >
        <Button variant="plain" icon={<HelpIcon />} aria-label={t('How to filter')} />
      </Popover>
      {unknown.length > 0 ? (
        <p className="qd-filter-unknown" role="status">
          {t('Not understood, and left out: {{words}}', { words: unknown.join(' ') })}
        </p>
      ) : null}
    </div>
  );
}
