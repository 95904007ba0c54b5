"""The simulations that were run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.simulations import SimulationRow

_TABLE: Final = SimulationRow.__table__


@dataclass(frozen=True, slots=True)
class Simulation:
    """One run: what it was made of, and how each way of selling did."""

    id: str
    kind: str
    at: datetime
    asked_by: str
    rush: Mapping[str, Any]
    outcomes: Sequence[Mapping[str, Any]]


def add(conn: sa.Connection, made: Simulation) -> None:
    """Keep a run; the same id a second time changes nothing."""
    values = {name: getattr(made, name) for name in Simulation.__slots__}
    add_new(conn, SimulationRow, ["id"], values | {"rush": dict(made.rush), "outcomes": list(made.outcomes)})


def newest(conn: sa.Connection, kind: str) -> Simulation | None:
    """Return the newest run of a kind."""
    chosen = sa.select(_TABLE).where(_TABLE.c.kind == kind).order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc()).limit(1)
    row = conn.execute(chosen).mappings().one_or_none()
    return Simulation(**row) if row else None
