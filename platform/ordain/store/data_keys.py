"""The data keys in the database: which there are, which one seals, and how far their values are resealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.base import table_of
from ordain.store.tables.keys import DataKeyRow, ResealRow

State = Literal["current", "old", "retired"]
WRAPPED: Final = "data_key.wrapped"
_KEY: Final = table_of(DataKeyRow)
_RESEAL: Final = table_of(ResealRow)


@dataclass(frozen=True, slots=True)
class DataKey:
    """One data key: `wrapped` is None where it is retired, `left_at` when another one took over."""

    kid: str
    state: State
    wrapped: str | None
    made_at: datetime
    left_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """How far one column is: where it was looked at last, how many values were resealed, how many do not open."""

    place: str
    cursor: Sequence[Any] | None
    done: int
    broken: int
    finished_at: datetime | None


def known(conn: sa.Connection, *, locked: bool = False) -> list[DataKey]:
    """Return all data keys, the newest first; `locked` keeps others from changing them until the transaction ends."""
    chosen = sa.select(_KEY).order_by(_KEY.c.made_at.desc(), _KEY.c.kid)
    return [DataKey(**row) for row in conn.execute(chosen.with_for_update() if locked else chosen).mappings()]


def add(conn: sa.Connection, made: DataKey) -> bool:
    """Add a data key as it is; False where it is there."""
    values = {name: getattr(made, name) for name in DataKey.__slots__}
    return add_new(conn, DataKeyRow, ["kid"], values)


def follow(conn: sa.Connection, made: DataKey) -> None:
    """Let a new key seal from now on, and all passes begin anew."""
    left = sa.update(DataKeyRow).where(_KEY.c.state == "current").values(state="old", left_at=made.made_at)
    conn.execute(left)
    add(conn, made)
    conn.execute(sa.delete(ResealRow))


def wrap(conn: sa.Connection, wrapped: Mapping[str, str]) -> None:
    """Write the data keys as another key wraps them."""
    for kid, text in wrapped.items():
        conn.execute(sa.update(DataKeyRow).where(_KEY.c.kid == kid, _KEY.c.state != "retired").values(wrapped=text))


def retire(conn: sa.Connection, kid: str, now: datetime) -> bool:
    """Forget an old key for good; False where it is not an old one."""
    own = sa.and_(_KEY.c.kid == kid, _KEY.c.state == "old")
    values = {"state": "retired", "wrapped": None, "retired_at": now}
    return bool(conn.execute(sa.update(DataKeyRow).where(own).values(values)).rowcount)


def passes(conn: sa.Connection) -> dict[str, Pass]:
    """Return how far each column is."""
    return {row["place"]: Pass(**row) for row in conn.execute(sa.select(_RESEAL)).mappings()}


def put_pass(conn: sa.Connection, made: Pass) -> None:
    """Write how far a column is."""
    values = {name: getattr(made, name) for name in Pass.__slots__}
    if not add_new(conn, ResealRow, ["place"], values):
        conn.execute(sa.update(ResealRow).where(_RESEAL.c.place == made.place).values(values))


def again(conn: sa.Connection) -> None:
    """Let all passes begin anew."""
    conn.execute(sa.delete(ResealRow))
