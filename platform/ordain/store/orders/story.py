"""The story of an order: its events, the decisions behind them, the messages that told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ordain.base.decision import Clause
from ordain.store.tables.orders import DecisionRow, OrderEventRow


@dataclass(frozen=True, slots=True)
class Event:
    """One knot of the thread; `data` says what happened in words of the type."""

    id: str
    at: datetime
    type: str
    message_id: str | None
    decision_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """One decision as it was recorded: which definition and version decided what, and why."""

    id: str
    subject: str
    kind: str
    key: str
    version: int
    outcome: str
    at: datetime
    why: Sequence[Clause]
    message_id: str | None


def events(conn: sa.Connection, order_id: str) -> list[Event]:
    """Return what happened to an order, oldest first."""
    table = OrderEventRow.__table__
    rows = conn.execute(sa.select(table).where(table.c.order_id == order_id).order_by(table.c.id)).mappings()
    return [Event(**{name: row[name] for name in Event.__slots__}) for row in rows]


def decisions(conn: sa.Connection, subject: str) -> list[StoredDecision]:
    """Return the decisions about a subject ("order:ID"), oldest first."""
    table = DecisionRow.__table__
    rows = conn.execute(sa.select(table).where(table.c.subject == subject).order_by(table.c.id)).mappings()
    return [
        StoredDecision(
            **{name: row[name] for name in StoredDecision.__slots__ if name != "why"},
            why=tuple(Clause.of(stored) for stored in row["why"]),
        )
        for row in rows
    ]
