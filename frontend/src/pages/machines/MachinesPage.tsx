import { Button, PageSection, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import MachineIcon from '@patternfly/react-icons/dist/esm/icons/virtual-machine-icon';
import TableIcon from '@patternfly/react-icons/dist/esm/icons/list-icon';
import TilesIcon from '@patternfly/react-icons/dist/esm/icons/th-large-icon';
import { useMemo, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { problemOf } from '../../api/client';
import { useLive, useRooms } from '../../api/live';
import { useLooked } from '../../api/looked';
import { useAllDomains, useHosts } from '../../api/queries';
import { useStatsVersion } from '../../api/stats';
import { useCan } from '../../api/session';
import type { DomainSummary } from '../../api/types';
import { ReasonButton } from '../../components/DisabledReason';
import { PageHeader } from '../../components/PageHeader';
import { EmptyPage, LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import { toast } from '../../components/Toasts';
import { paths } from '../../paths';
import { useActs } from '../../shell/acts';
import { useShortcut, useShortcuts } from '../../shell/keysContext';
import { t } from '../../util/i18n';
import { PHONE, useMedia } from '../../util/useMedia';
import { useStored } from '../../util/useStored';
import { BulkBar } from './BulkBar';
import { allColumns, HIGH_FIRST, sortMachines, type Column } from './columns';
import { ColumnChooser } from './ColumnChooser';
import { FilterBox } from './FilterBox';
import { asksForFigures, filterMachines } from './machineFilter';
import { MachinesTable } from './MachinesTable';
import { MachineTiles } from './MachineTiles';
import { StateChips } from './StateChips';
import { useSelection } from './useSelection';

export default function MachinesPage() {
  const all = useHosts();
  const hosts = useLooked(all);
  const { domains, loading, failed } = useAllDomains(hosts);
  const connected = hosts.filter((host) => host.state === 'connected').map((host) => host.id);
  useRooms(connected.flatMap((id) => [`host:${id}`, `stats:${id}`]));
  const mayCreate = useCan('domain:create');
  const navigate = useNavigate();
  const create = () => void navigate(paths.newMachine());
  useShortcut('n', t('New machine'), t('Machines'), create);
  const newMachine = (
    <ReasonButton onClick={create} reason={mayCreate ? null : t('Your role may look, but not create machines. An administrator can.')}>
      {t('New machine')}
    </ReasonButton>
  );
  return (
    <div className="qd-full">
      <PageHeader
        title={t('Machines')}
        actions={
          <div className="qd-toolbar">
            <Link to={paths.deletedMachines}>{t('Deleted machines')}</Link>
            {newMachine}
          </div>
        }
      />
      {failed.map(({ host, error }) => (
        <PageSection key={host}>
          <ProblemAlert problem={problemOf(error)} />
        </PageSection>
      ))}
      {loading && domains.length === 0 ? (
        <LoadingPage text={t('Loading machines')} />
      ) : domains.length === 0 ? (
        <EmptyPage title={hosts.length < all.length ? t('No machines on {{host}}', { host: hosts[0]?.name ?? '' }) : t('No machines yet')} icon={MachineIcon} actions={newMachine}>
          {connected.length > 0 ? t('Create the first one from an ISO, a cloud image or an existing disk.') : t('No host is connected.')}
        </EmptyPage>
      ) : (
        <List domains={domains} severalHosts={hosts.length > 1} />
      )}
    </div>
  );
}

function List({ domains, severalHosts }: { domains: DomainSummary[]; severalHosts: boolean }) {
  const live = useLive();
  const phone = useMedia(PHONE);
  const [search, setSearch] = useSearchParams();
  const [view, setView] = useStored<'table' | 'tiles'>('machines.view', 'table');
  const columns = useMemo(() => allColumns(), []);
  const [chosen, setChosen] = useStored<string[]>('machines.columns', columns.filter((column) => column.initial).map((column) => column.id));
  const visible = useMemo(
    () => columns.filter((column) => column.id === 'name' || (chosen.includes(column.id) && (column.id !== 'host' || severalHosts))),
    [columns, chosen, severalHosts],
  );
  const filter = search.get('q') ?? '';
  const sort = readSort(search.get('sort'));
  const column = columns.find((known) => known.id === sort.column) ?? (columns[0] as Column);
  const version = useStatsVersion(!!column.live || asksForFigures(filter));
  const { shown, unknown } = useMemo(() => {
    const stats = (host: string, uuid: string) => live.stats.of(host, uuid);
    const found = filterMachines(domains, filter, stats);
    return { shown: sortMachines(found.shown, column, sort.descending, stats), unknown: found.unknown };
    // `version` stands for the figures, which live outside React.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [domains, filter, column, sort.descending, live, version]);
  const selection = useSelection(shown);
  const selected = selection.of(domains);
  const [active, setActive] = useState<DomainSummary | null>(null);
  useActKeys(selected.length > 0 ? selected : active ? domains.filter((domain) => domain.uuid === active.uuid) : []);

  const setParam = (name: string, value: string) =>
    setSearch((old) => {
      const next = new URLSearchParams(old);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    }, { replace: true });
  const onSort = (id: string) => {
    const descending = id === sort.column ? !sort.descending : HIGH_FIRST.has(id);
    setParam('sort', id === 'name' && !descending ? '' : `${descending ? '-' : ''}${id}`);
  };
  return (
    <PageSection isFilled className="qd-list">
      <div className="qd-toolbar">
        <FilterBox value={filter} onChange={(text) => setParam('q', text)} count={filter ? `${shown.length} / ${domains.length}` : undefined} unknown={unknown} />
        <span className="qd-toolbar-end">
          {view === 'table' && !phone ? <ColumnChooser columns={columns.filter((known) => known.id !== 'host' || severalHosts)} chosen={chosen} onChange={setChosen} /> : null}
          {phone ? null : (
            <ToggleGroup aria-label={t('View')}>
              <ToggleGroupItem icon={<TableIcon />} aria-label={t('Table')} buttonId="view-table" isSelected={view === 'table'} onChange={() => setView('table')} />
              <ToggleGroupItem icon={<TilesIcon />} aria-label={t('Tiles with screens')} buttonId="view-tiles" isSelected={view === 'tiles'} onChange={() => setView('tiles')} />
            </ToggleGroup>
          )}
        </span>
        {selected.length > 0 ? (
          <BulkBar selected={selected} onClear={selection.clear} />
        ) : (
          <StateChips domains={domains} filter={filter} onFilter={(text) => setParam('q', text)} />
        )}
      </div>
      {shown.length === 0 ? (
        <EmptyPage title={t('No machine fits the filter')} actions={<Button variant="link" onClick={() => setParam('q', '')}>{t('Clear the filter')}</Button>} />
      ) : phone || view === 'tiles' ? (
        <MachineTiles domains={shown} look={phone ? 'cards' : 'tiles'} selection={selection} />
      ) : (
        <MachinesTable domains={shown} columns={visible} sort={sort} onSort={onSort} selection={selection} onActive={setActive} />
      )}
    </PageSection>
  );
}

function readSort(text: string | null): { column: string; descending: boolean } {
  const descending = text?.startsWith('-') ?? false;
  return { column: (descending ? text?.slice(1) : text) || 'name', descending };
}

/** The registry's own shortcuts, on the selected machines or on the row that has the focus. */
function useActKeys(targets: DomainSummary[]): void {
  const { registry, act } = useActs();
  const group = t('The selected machines, or the one with the focus');
  useShortcuts(
    registry.flatMap(({ id, title, shortcut }) => {
      const run = () => {
        const [first] = targets;
        const reason = targets.length === 1 ? first?.actions[id] : null;
        if (reason) toast.info(t('{{name}}: {{act}}', { name: first?.name ?? '', act: title }), reason);
        else act(id, targets);
      };
      return shortcut ? [{ key: shortcut, text: title, group, run }] : [];
    }),
  );
}
