import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { t } from '../../../util/i18n';
import type { ChartSpec } from './charts';
import type { Point } from './figures';

const HEIGHT = 180;

/** Steps of an axis that counts bytes: 1, 2, 4, ... */
const BINARY_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

interface Props {
  chart: ChartSpec;
  points: Point[];
  seconds: number;
}

/** One chart. Colours come from the stylesheet when it draws, so that a change of theme needs no more than a redraw. */
export default function Chart({ chart, points, seconds }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<number | null>(null);

  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    const made = new uPlot(options(parent, chart, setHover), [[], ...chart.lines.map(() => [])], parent);
    plot.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: HEIGHT }));
    size.observe(parent);
    const theme = new MutationObserver(() => made.redraw(false));
    theme.observe(document.documentElement, { attributeFilter: ['class'] });
    return () => {
      size.disconnect();
      theme.disconnect();
      made.destroy();
    };
    // The lines of a chart never change while it is on screen; only its top may.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chart.title, chart.top]);

  useEffect(() => {
    const end = points.at(-1)?.time ?? Date.now() / 1000;
    const columns = chart.lines.map((line) => points.map(({ stats }) => (stats ? line.of(stats) : null)));
    plot.current?.batch(() => {
      plot.current?.setData([points.map((point) => point.time), ...columns], false);
      plot.current?.setScale('x', { min: end - seconds, max: end });
    });
  }, [points, seconds, chart.title, chart.top, chart.lines]);

  const shown = hover === null ? points.at(-1) : points[hover];
  return (
    <div className="qd-chart">
      <h2>{chart.title}</h2>
      <ul className="qd-chart-values" aria-label={t('{{title}} now', { title: chart.title })}>
        {chart.lines.map((line, number) => (
          <li key={line.label} className={`qd-line-${number + 1}`}>
            {shown?.stats ? chart.format(line.of(shown.stats)) : '–'} <span className="qd-dim">{line.label}</span>
          </li>
        ))}
      </ul>
      <div ref={box} aria-hidden="true" />
    </div>
  );
}

function options(parent: HTMLElement, chart: ChartSpec, onHover: (index: number | null) => void): uPlot.Options {
  const style = getComputedStyle(parent);
  const colour = (name: string) => () => style.getPropertyValue(name);
  const axis = { stroke: colour('--qd-chart-text'), grid: { stroke: colour('--qd-chart-grid'), width: 1 }, ticks: { show: false } };
  const font = `12px ${style.fontFamily}`;
  return {
    width: parent.clientWidth,
    height: HEIGHT,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: 'machine' }, y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { x: { time: true, auto: false }, y: { range: (_, __, most) => [0, chart.top ?? Math.max(most || 0, chart.binary ? 1024 : 1) * 1.1] } },
    axes: [
      { ...axis, font, size: 28, space: 70, values: [[3600, '{HH}:{mm}', null, null, null, null, null, null, 1], [60, '{HH}:{mm}', null, null, null, null, null, null, 1], [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1]] },
      { ...axis, font, size: 76, space: 36, ...(chart.binary ? { incrs: BINARY_STEPS } : {}), values: (_, ticks) => ticks.map(chart.format) },
    ],
    series: [
      {},
      ...chart.lines.map((_, number) => ({
        stroke: colour(`--qd-line-${number + 1}`),
        width: 2,
        points: { show: false },
        ...(number === 0 ? { fill: colour('--qd-fill-1') } : {}),
      })),
    ],
    hooks: { setCursor: [(self) => onHover(self.cursor.idx ?? null)] },
  };
}
