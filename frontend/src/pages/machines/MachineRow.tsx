import ConsoleIcon from '@patternfly/react-icons/dist/esm/icons/desktop-icon';
import OffIcon from '@patternfly/react-icons/dist/esm/icons/power-off-icon';
import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import { memo, useRef, type MouseEvent } from 'react';
import { useNavigate } from 'react-router';
import type { DomainSummary } from '../../api/types';
import { IconButton } from '../../components/IconButton';
import { paths } from '../../paths';
import { ActMenu } from '../../shell/ActMenu';
import { useActs } from '../../shell/acts';
import { t } from '../../util/i18n';
import type { Column } from './columns';

interface Props {
  domain: DomainSummary;
  index: number;
  columns: Column[];
  selected: boolean;
  isActive: boolean;
  onToggle: (uuid: string, range: boolean) => void;
  onFocusRow: (index: number, domain: DomainSummary) => void;
}

/** Drawn again only when its own machine, its selection or its place changes; figures are drawn by their cells. */
export const MachineRow = memo(
  function MachineRow({ domain, index, columns, selected, isActive, onToggle, onFocusRow }: Props) {
    const navigate = useNavigate();
    const tabIndex = isActive ? 0 : -1;
    const open = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest('a, button, input, label, [role=menu]')) return;
      void navigate(paths.machine(domain.host, domain.uuid));
    };
    return (
      <tr
        data-index={index}
        className={domain.last_seen ? 'qd-away' : undefined}
        aria-rowindex={index + 2}
        aria-selected={selected}
        aria-label={domain.name}
        tabIndex={tabIndex}
        onFocus={(event) => (event.target === event.currentTarget ? onFocusRow(index, domain) : undefined)}
        onDoubleClick={open}
      >
        <td>
          <SelectBox domain={domain} tabIndex={tabIndex} selected={selected} onToggle={onToggle} />
        </td>
        {columns.map((column) => (
          <td key={column.id} data-column={column.id}>
            {column.cell(domain, tabIndex)}
          </td>
        ))}
        <td>
          <RowActs domain={domain} tabIndex={tabIndex} />
        </td>
      </tr>
    );
  },
  (a, b) =>
    a.domain === b.domain &&
    a.selected === b.selected &&
    a.isActive === b.isActive &&
    a.index === b.index &&
    a.columns === b.columns,
);

interface SelectProps {
  domain: DomainSummary;
  tabIndex?: number;
  selected: boolean;
  onToggle: (uuid: string, range: boolean) => void;
}

/** Selects a machine for acts on several; with shift all since the last one. */
export function SelectBox({ domain, tabIndex, selected, onToggle }: SelectProps) {
  const range = useRef(false);
  return (
    <input
      type="checkbox"
      className="qd-check"
      tabIndex={tabIndex}
      aria-label={t('Select {{name}}', { name: domain.name })}
      checked={selected}
      onClick={(event) => {
        range.current = event.shiftKey;
      }}
      onChange={() => onToggle(domain.uuid, range.current)}
    />
  );
}

/** The main act of the state, the console, and the menu with everything. */
export function RowActs({ domain, tabIndex }: { domain: DomainSummary; tabIndex?: number }) {
  const { act, registry } = useActs();
  const main = domain.actions['start'] === null || domain.state === 'shut_off' ? 'start' : 'shutdown';
  const title = registry.find((action) => action.id === main)?.title ?? main;
  return (
    <span className="qd-row-acts">
      <IconButton
        icon={main === 'start' ? <PlayIcon /> : <OffIcon />}
        label={t('{{act}} {{name}}', { act: title, name: domain.name })}
        reason={domain.actions[main]}
        onClick={() => act(main, [domain])}
        tabIndex={tabIndex}
      />
      <IconButton
        icon={<ConsoleIcon />}
        label={t('Console of {{name}}', { name: domain.name })}
        reason={domain.actions['console'] === undefined ? t('It has no console.') : domain.actions['console']}
        onClick={() => act('console', [domain])}
        tabIndex={tabIndex}
      />
      <ActMenu domain={domain} tabIndex={tabIndex} />
    </span>
  );
}
