import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import { formatTime } from '../../../util/time';
import { ScrollX } from '../ScrollX';
import { charts } from './charts';
import type { Point } from './figures';

const ROWS = 60;

/** The same figures for those who cannot see charts, or want the numbers: newest first. */
export function FiguresTable({ points, domain }: { points: Point[]; domain: Domain }) {
  const columns = charts(domain).flatMap((chart) => chart.lines.map((line) => ({ ...line, title: `${chart.title}, ${line.label}`, format: chart.format })));
  const rows = points.filter((point) => point.stats).slice(-ROWS).reverse();
  return (
    <ScrollX label={t('Figures')}>
      <Table aria-label={t('Figures')} variant="compact" gridBreakPoint="">
        <Thead>
          <Tr>
            <Th>{t('Time')}</Th>
            {columns.map((column) => (
              <Th key={column.title}>{column.title}</Th>
            ))}
          </Tr>
        </Thead>
        <Tbody>
          {rows.map((point) => (
            <Tr key={point.time}>
              <Td>{formatTime(new Date(point.time * 1000).toISOString())}</Td>
              {columns.map((column) => (
                <Td key={column.title}>{point.stats ? column.format(column.of(point.stats)) : '–'}</Td>
              ))}
            </Tr>
          ))}
        </Tbody>
      </Table>
    </ScrollX>
  );
}
