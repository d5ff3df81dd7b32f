"""How fast pools fill: one figure of a pool and day is kept, and tells by when it is full if it goes on so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from statistics import linear_regression

from ...hypervisor.pools import PoolRow
from ...model.storage import PoolForecast
from ...rescue import spared
from ...store import Store

KEPT_DAYS = 30
FEWEST_FIGURES = 3
FEWEST_DAYS = 3
"""Before that a single large copy would pass for a pace."""


class Pace:
    """Keeps what is taken in pools day by day, and tells their pace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, host: str, row: PoolRow) -> None:
        """Keep what was read of a pool just now, where it is the first of the day; what is old goes."""
        with spared("how full a pool was today"):
            added = self._store.write(
                "INSERT OR IGNORE INTO pool_days (host, uuid, day, bytes) VALUES (?,?,?,?)",
                (host, row.uuid, _today().isoformat(), row.allocation),
            )
            if added:
                oldest = (_today() - timedelta(days=KEPT_DAYS)).isoformat()
                self._store.write("DELETE FROM pool_days WHERE day < ?", (oldest,))

    def knows_today(self, host: str, row: PoolRow) -> bool:
        """Whether the figure of today is kept already."""
        query = "SELECT 1 FROM pool_days WHERE host=? AND uuid=? AND day=?"
        return bool(self._store.read(query, (host, row.uuid, _today().isoformat())))

    def forecast(self, host: str, row: PoolRow) -> PoolForecast | None:
        """By when a pool is full; None where too little is known, or it does not fill."""
        query = "SELECT day, bytes FROM pool_days WHERE host=? AND uuid=? AND day BETWEEN ? AND ? ORDER BY day"
        today = _today()
        period = [(today - timedelta(days=days)).isoformat() for days in (KEPT_DAYS, 1)]
        taken = {
            date.fromisoformat(each["day"]): each["bytes"]
            for each in self._store.read(query, (host, row.uuid, *period))
        }
        days = [(day - today).days for day in taken]
        if len(days) + 1 < FEWEST_FIGURES or -days[0] < FEWEST_DAYS:
            return None
        growth = round(linear_regression([*days, 0], [*taken.values(), row.allocation]).slope)
        if growth <= 0:
            return None
        return PoolForecast(measured_days=-days[0], growth_bytes_day=growth, full_in_days=row.available // growth)


def _today() -> date:
    return datetime.now(UTC).date()
