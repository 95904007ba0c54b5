"""Where orders stand: how many in which state, the oldest that waits, how fast they come in and go out.

Counted along indexes that hold all that is asked for. What a search finds is read once, up to a limit beyond which
numbers are lower bounds.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.clock import from_epoch_ms
from ordain.records.access import Access
from ordain.store.access import orders_seen
from ordain.store.orders.find import OrderQuery, conditions
from ordain.store.tables.orders import OrderRow
from ordain.store.vault import Vault

MOST: Final = 10_000
"""What a search counts up to; beyond it numbers are lower bounds."""
_FEW: Final = 1_000
_SAMPLE: Final = 200
_ROW: Final = OrderRow.__table__.c
_Group = tuple[str | None, bool, int, int | None, int, int]  # state, held, orders, first paid, handling ms, sent


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the orders of a question stand: by (state, held), the oldest that waits, the mean way out.

    `capped` says that there are more than were counted.
    """

    numbers: Counter[tuple[str | None, bool]]
    oldest_paid: datetime | None = None
    handling_seconds: float | None = None
    capped: bool = False

    @property
    def all(self) -> int:
        """All orders."""
        return self.numbers.total()

    @property
    def held(self) -> int:
        """How many are held."""
        return sum(number for (_, held), number in self.numbers.items() if held)

    def among(self, states: Sequence[str], held: bool | None = False) -> int:
        """How many are in one of these states (any where there are none), held or not (None: either)."""
        return sum(
            number
            for (state, is_held), number in self.numbers.items()
            if (not states or state in states) and held in (None, is_held)
        )


Tally = Counter[tuple[str | None, bool, str]]


def tally(conn: sa.Connection, given: Access) -> Tally:
    """Count all orders this actor sees where they stand, by (state, held, priority) as far as it reads them."""
    if not given.may("read"):
        return Counter()
    read = [name for name in ("state", "held", "priority") if given.reads(name)]
    groups = [_ROW[name] for name in read]
    rows = conn.execute(sa.select(sa.func.count(), *groups).where(orders_seen(given)).group_by(*groups))
    found: Tally = Counter()
    for number, *values in rows:
        known = dict(zip(read, values, strict=True))
        found[known.get("state"), bool(known.get("held")), known.get("priority", "")] += number
    return found


def matching(found: Tally, query: OrderQuery) -> int:
    """Return how many of a tally a question by state, priority and held finds."""
    return sum(
        number
        for (state, held, priority), number in found.items()
        if (not query.states or state in query.states)
        and (not query.priorities or priority in query.priorities)
        and query.held in (None, held)
    )


def placed_since(conn: sa.Connection, given: Access, moments: Sequence[datetime]) -> list[int]:
    """Return how many orders were placed since each of these moments."""
    if not given.may("read"):
        return [0 for _ in moments]
    sums = [sa.func.count(sa.case((_ROW.placed_at >= moment, 1))) for moment in moments]
    row = conn.execute(sa.select(*sums).where(orders_seen(given), _ROW.placed_at >= min(moments))).one()
    return list(row)


def standing(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> tuple[Standing, OrderQuery]:
    """Count the orders that match; return with it the same question, cheaper to ask: a search that found few by ids."""
    if not query.q.strip():
        return _standing(_counted(conn, vault, given, query)), query
    where = conditions(vault, given, query)
    columns = (_ROW.id, _ROW.state, _ROW.held, *(sa.type_coerce(c, sa.BigInteger) for c in _TIMES))
    rows = conn.execute(sa.select(*columns).where(*where).limit(_FEW + 1)).all()
    if len(rows) <= _FEW:
        return _standing(_folded(rows)), replace(query, q="", ids=[row[0] for row in rows])
    found = _standing(_grouped(conn, where))
    return replace(found, capped=found.all >= MOST), query


def delay(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> float | None:
    """Return the median seconds from placed to in the hub, over the last orders placed that match.

    Orders from before anything was connected are history, not delay.
    """
    connected = conn.scalar(sa.select(sa.func.min(_ROW.received_at, type_=_ROW.received_at.type)))
    if connected is None:
        return None
    newest = (
        sa.select(_ROW.received_at, _ROW.placed_at)
        .where(*conditions(vault, given, query), _ROW.placed_at >= connected)
        .order_by(_ROW.placed_at.desc())
        .limit(_SAMPLE)
    )
    gaps = [max((received - placed).total_seconds(), 0.0) for received, placed in conn.execute(newest)]
    return median(gaps) if gaps else None


def arrived_since(conn: sa.Connection, given: Access, moment: datetime) -> int:
    """Return how many orders came in since a moment."""
    if not given.may("read"):
        return 0
    found = sa.select(sa.func.count()).select_from(OrderRow)
    return conn.scalar(found.where(orders_seen(given), _ROW.received_at >= moment)) or 0


_TIMES: Final = (_ROW.paid_at, _ROW.shipped_at, _ROW.placed_at)


def _counted(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> Iterator[_Group]:
    return _sums(conn, OrderRow.__table__, conditions(vault, given, query))


def _grouped(conn: sa.Connection, where: Sequence[sa.ColumnElement[bool]]) -> Iterator[_Group]:
    """Count among the first that match: beyond them numbers are lower bounds."""
    first = sa.select(_ROW.state, _ROW.held, *_TIMES).where(*where).limit(MOST).subquery()
    return _sums(conn, first, ())


def _sums(conn: sa.Connection, of: sa.FromClause, where: Sequence[sa.ColumnElement[bool]]) -> Iterator[_Group]:
    row = of.c
    chosen = sa.select(
        row.state,
        row.held,
        sa.func.count(),
        sa.func.min(row.paid_at, type_=sa.BigInteger),
        sa.func.sum(row.shipped_at - row.placed_at, type_=sa.BigInteger),
        sa.func.count(row.shipped_at),
    ).select_from(of)
    for state, held, *rest in conn.execute(chosen.where(*where).group_by(row.state, row.held)):
        yield state, bool(held), rest[0], rest[1], int(rest[2] or 0), rest[3]


def _folded(rows: Sequence[Any]) -> Iterator[_Group]:
    for _, state, held, paid, shipped, placed in rows:
        sent = shipped is not None and placed is not None
        yield state, bool(held), 1, paid, shipped - placed if sent else 0, int(sent)


def _standing(groups: Iterator[_Group]) -> Standing:
    numbers: Counter[tuple[str | None, bool]] = Counter()
    paid_at, milliseconds, sent = [], 0, 0
    for state, held, number, first_paid, handling, shipped in groups:
        numbers[state, held] += number
        if held:
            continue
        if state == "paid" and first_paid is not None:
            paid_at.append(first_paid)
        milliseconds += handling
        sent += shipped
    oldest = from_epoch_ms(min(paid_at)) if paid_at else None
    return Standing(numbers, oldest, milliseconds / sent / 1000 if sent else None)
