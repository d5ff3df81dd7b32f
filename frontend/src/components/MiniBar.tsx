import { formatPercent } from '../util/units';

interface Props {
  /** 0 to 100; null draws an empty track. */
  percent: number | null | undefined;
  /** What it measures, for screen readers. */
  label: string;
  /** Text beside the bar; the percentage if left out. */
  text?: string;
}

/** A small bar of one figure in a table cell. The width is set on the element, not in markup, as the page's CSP wants. */
export function MiniBar({ percent, label, text }: Props) {
  const share = Math.min(Math.max(percent ?? 0, 0), 100);
  const level = share >= 95 ? ' qd-hot' : share >= 80 ? ' qd-warm' : '';
  return (
    <span className="qd-bar" role="img" aria-label={`${label}: ${text ?? formatPercent(percent)}`}>
      <span className="qd-bar-track">
        <span className={`qd-bar-fill${level}`} style={{ inlineSize: `${share}%` }} />
      </span>
      <span className="qd-bar-text">{text ?? formatPercent(percent)}</span>
    </span>
  );
}
