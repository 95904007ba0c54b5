"""Counting for the list of orders: how many stand where on their way, and how fast they come in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Final

import sqlalchemy as sa

from ordain.records.access import Access
from ordain.store.orders.find import OrderQuery, conditions
from ordain.store.tables.orders import OrderRow
from ordain.store.vault import Vault

REACHED_PAYMENT: Final = ("paid", "picking", "shipped", "completed")
_SAMPLE: Final = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the orders of a view stand: by state (the held ones apart), the oldest that waits, the mean way out."""

    states: Counter[str]
    held: int
    oldest_paid: datetime | None
    handling_seconds: float | None

    @property
    def all(self) -> int:
        """All orders of the view."""
        return sum(self.states.values()) + self.held

    def among(self, states: Sequence[str]) -> int:
        """How many that are not held are in one of these states."""
        return sum(self.states[state] for state in states)


def standing(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> Standing:
    """Count the orders that match, in one statement."""
    row = OrderRow.__table__.c
    handled = sa.func.sum(row.shipped_at - row.placed_at, type_=sa.BigInteger)
    chosen = (
        sa.select(
            row.state,
            row.held,
            sa.func.count(),
            sa.func.min(row.paid_at, type_=row.paid_at.type),
            handled,
            sa.func.count(row.shipped_at),
        )
        .where(*conditions(vault, given, query))
        .group_by(row.state, row.held)
    )
    states: Counter[str] = Counter()
    held, oldest, milliseconds, shipped = 0, None, 0, 0
    for state, is_held, number, first_paid, handling, sent in conn.execute(chosen):
        if is_held:
            held += number
            continue
        states[state or ""] += number
        if state == "paid":
            oldest = first_paid
        milliseconds += int(handling or 0)
        shipped += sent
    return Standing(states, held, oldest, milliseconds / shipped / 1000 if shipped else None)


def delay(conn: sa.Connection, vault: Vault, given: Access, query: OrderQuery) -> float | None:
    """Return the median seconds from placed to in the hub, over the last orders received that match.

    Orders from before anything was connected are history, not delay.
    """
    row = OrderRow.__table__.c
    connected = sa.select(sa.func.min(row.received_at)).scalar_subquery()
    chosen = (
        sa.select(row.received_at, row.placed_at)
        .where(*conditions(vault, given, query), row.placed_at >= connected)
        .order_by(row.received_at.desc())
        .limit(_SAMPLE)
    )
    gaps = [max((received - placed).total_seconds(), 0.0) for received, placed in conn.execute(chosen)]
    return median(gaps) if gaps else None


def arrived_since(conn: sa.Connection, vault: Vault, given: Access, moment: datetime) -> int:
    """Return how many orders came in since a moment."""
    found = sa.select(sa.func.count()).select_from(OrderRow)
    return conn.scalar(found.where(*conditions(vault, given, OrderQuery()), OrderRow.received_at >= moment)) or 0
