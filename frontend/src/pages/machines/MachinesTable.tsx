import { useVirtualizer } from '@tanstack/react-virtual';
import SortDownIcon from '@patternfly/react-icons/dist/esm/icons/long-arrow-alt-down-icon';
import SortUpIcon from '@patternfly/react-icons/dist/esm/icons/long-arrow-alt-up-icon';
import { useCallback, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { DomainSummary } from '../../api/types';
import { paths } from '../../paths';
import { t } from '../../util/i18n';
import type { Column } from './columns';
import { MachineRow } from './MachineRow';
import type { Selection } from './useSelection';

/** Every row is two lines high whatever it holds: nothing jumps, and nothing has to be measured. */
const ROW_PX = 56;
const PAGE_ROWS = 10;

interface Sort {
  column: string;
  descending: boolean;
}

interface Props {
  domains: DomainSummary[];
  columns: Column[];
  sort: Sort;
  onSort: (column: string) => void;
  selection: Selection;
  /** Names of the selected or active machine for keys that act on it. */
  onActive: (domain: DomainSummary | null) => void;
}

/** A grid of which only the rows on screen exist. Arrows move, Enter opens, space selects. */
export function MachinesTable({ domains, columns, sort, onSort, selection, onActive }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const [active, setActive] = useState(0);
  // The React compiler does not run here, so the warning about memoising the virtualizer does not apply.
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({ count: domains.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 8 });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const current = Math.min(active, Math.max(domains.length - 1, 0));
  const { toggle } = selection;

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(domains.length - 1, index));
    setActive(next);
    onActive(domains[next] ?? null);
    virtual.scrollToIndex(next);
    // The row may come into being only after scrolling.
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.tagName !== 'TR') return;
    const moves: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + PAGE_ROWS,
      PageUp: current - PAGE_ROWS,
      Home: 0,
      End: domains.length - 1,
    };
    const domain = domains[current];
    if (event.key in moves) moveTo(moves[event.key] ?? current);
    else if (event.key === 'Enter' && domain) void navigate(paths.machine(domain.host, domain.uuid));
    else if (event.key === ' ' && domain) toggle(domain.uuid, event.shiftKey);
    else return;
    event.preventDefault();
  };
  const onFocusRow = useCallback(
    (index: number, domain: DomainSummary) => {
      setActive(index);
      onActive(domain);
    },
    [onActive],
  );
  const allSelected = domains.length > 0 && domains.every((domain) => selection.ids.has(domain.uuid));
  return (
    <div className="qd-grid-scroll" ref={scroller}>
      <table
        className="qd-grid"
        role="grid"
        aria-label={t('Machines')}
        aria-rowcount={domains.length + 1}
        aria-multiselectable
        onKeyDown={onKeyDown}
      >
        <colgroup>
          <col className="qd-col-check" />
          {columns.map((column) => (
            <col key={column.id} style={column.width ? { inlineSize: column.width } : { minInlineSize: '9rem' }} />
          ))}
          <col className="qd-col-acts" />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <input
                type="checkbox"
                className="qd-check"
                aria-label={t('Select all that the filter shows')}
                checked={allSelected}
                ref={(box) => {
                  if (box) box.indeterminate = !allSelected && selection.ids.size > 0;
                }}
                onChange={() => selection.all(!allSelected)}
              />
            </th>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
            <th scope="col">
              <span className="pf-v6-screen-reader">{t('Acts')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 ? <Gap height={before} /> : null}
          {items.map(({ index }) => {
            const domain = domains[index];
            return domain ? (
              <MachineRow
                key={`${domain.host} ${domain.uuid}`}
                domain={domain}
                index={index}
                columns={columns}
                selected={selection.ids.has(domain.uuid)}
                isActive={index === current}
                onToggle={toggle}
                onFocusRow={onFocusRow}
              />
            ) : null;
          })}
          {after > 0 ? <Gap height={after} /> : null}
        </tbody>
      </table>
    </div>
  );
}

/** Takes the place of the rows that are not drawn. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden>
      <td className="qd-gap" style={{ blockSize: height }} />
    </tr>
  );
}

function HeadCell({ column, sort, onSort }: { column: Column; sort: Sort; onSort: (column: string) => void }) {
  const active = sort.column === column.id;
  return (
    <th scope="col" aria-sort={active ? (sort.descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="qd-sort" onClick={() => onSort(column.id)}>
        {column.label}
        {active ? sort.descending ? <SortDownIcon /> : <SortUpIcon /> : null}
      </button>
    </th>
  );
}
