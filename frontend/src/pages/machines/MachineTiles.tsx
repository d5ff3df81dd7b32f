import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import type { DomainSummary } from '../../api/types';
import { MachineState } from '../../components/StateLabel';
import { paths } from '../../paths';
import { Thumbnail } from '../../shell/Thumbnail';
import { t } from '../../util/i18n';
import { CpuCell, MemoryCell } from './columns';
import { MachineName } from './MachineName';
import { RowActs, SelectBox } from './MachineRow';
import type { Selection } from './useSelection';

const TILE_WIDTH = 260;
/** A tile without its picture, and what its padding and border take of the picture's width. */
const TILE_TEXT_PX = 104;
const TILE_FRAME_PX = 34;
const CARD_PX = 132;

interface Props {
  domains: DomainSummary[];
  /** Tiles show the screens, cards fit a phone. */
  look: 'tiles' | 'cards';
  selection: Selection;
}

interface OneProps {
  domain: DomainSummary;
  selected: boolean;
  onToggle: Selection['toggle'];
}

/** Machines as tiles or cards, as many to a row as fit; only those near the screen exist. */
export function MachineTiles({ domains, look, selection }: Props) {
  const One = look === 'cards' ? Card : Tile;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const perRow = look === 'cards' ? 1 : Math.max(1, Math.floor(width / TILE_WIDTH));
  const rowPx = look === 'cards' ? CARD_PX : Math.round((width / perRow - TILE_FRAME_PX) * (10 / 16)) + TILE_TEXT_PX;
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtual = useVirtualizer({
    count: Math.ceil(domains.length / perRow),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 3,
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  return (
    <div className="qd-tiles-scroll" ref={scroller}>
      <ul className="qd-tiles" aria-label={t('Machines')} style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().flatMap((row) =>
          domains.slice(row.index * perRow, (row.index + 1) * perRow).map((domain, column) => (
            <li
              key={`${domain.host} ${domain.uuid}`}
              className={look === 'cards' ? 'qd-card' : 'qd-tile'}
              style={{ insetBlockStart: row.start, insetInlineStart: `${(100 / perRow) * column}%`, inlineSize: `${100 / perRow}%`, blockSize: row.size }}
            >
              <One domain={domain} selected={selection.ids.has(domain.uuid)} onToggle={selection.toggle} />
            </li>
          )),
        )}
      </ul>
    </div>
  );
}

const classOf = (domain: DomainSummary, selected: boolean): string => [domain.last_seen ? 'qd-away' : '', selected ? 'qd-selected' : ''].join(' ').trim();

function Tile({ domain, selected, onToggle }: OneProps) {
  return (
    <article aria-label={domain.name} className={classOf(domain, selected)}>
      <Link to={paths.machine(domain.host, domain.uuid, domain.actions['console'] === null ? 'console' : undefined)} tabIndex={-1} aria-hidden>
        <Thumbnail domain={domain} off={<MachineState domain={domain} />} />
      </Link>
      <div className="qd-tile-foot">
        <SelectBox domain={domain} selected={selected} onToggle={onToggle} />
        <MachineName domain={domain} />
        <RowActs domain={domain} />
      </div>
      <div className="qd-tile-state">
        <MachineState domain={domain} plain />
        {domain.state === 'running' ? <CpuCell domain={domain} /> : null}
      </div>
    </article>
  );
}

function Card({ domain, selected, onToggle }: OneProps) {
  return (
    <article aria-label={domain.name} className={classOf(domain, selected)}>
      <div className="qd-tile-foot">
        <SelectBox domain={domain} selected={selected} onToggle={onToggle} />
        <MachineName domain={domain} />
        <RowActs domain={domain} />
      </div>
      <div className="qd-tile-state">
        <MachineState domain={domain} plain />
        <span className="qd-dim qd-clip">{[domain.host, domain.addresses[0]].filter(Boolean).join(' · ')}</span>
      </div>
      <div className="qd-tile-state">
        {domain.state === 'running' ? <CpuCell domain={domain} /> : null}
        <MemoryCell domain={domain} />
      </div>
    </article>
  );
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
