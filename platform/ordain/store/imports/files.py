"""Imports: kept with their file, found by their owner, written over the version that was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import sqlalchemy as sa

from ordain.base.errors import Problem
from ordain.store.adding import add_new
from ordain.store.tables.imports import (
    ImportFaultRow,
    ImportHabitRow,
    ImportKnownRow,
    ImportLineRow,
    ImportPieceRow,
    ImportRow,
)
from ordain.store.vault import Vault

Stage = Literal["reading", "mapping", "checking", "ready", "running", "done"]
_ROW: Final = ImportRow.__table__
_PLACE: Final = "import.piece"
_PIECE: Final = 256 * 1024
KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Import:
    """One file on its way in, as it stands."""

    id: str
    name: str
    size: int
    owner: str
    stage: Stage
    into: str
    created_at: datetime
    updated_at: datetime
    layout: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    wish: Mapping[str, Any] = field(default_factory=dict)
    signature: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    version: int = 1
    work: str | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """How a file with the same header was mapped before."""

    into: str
    plan: Mapping[str, Any]
    used_at: datetime
    used_by: str


def add(conn: sa.Connection, vault: Vault, made: Import, data: bytes) -> None:
    """Keep a new import and its file."""
    conn.execute(sa.insert(ImportRow).values(**_columns(made)))
    for place, start in enumerate(range(0, len(data), _PIECE)):
        body = vault.seal_bytes(_PLACE, f"{made.id}|{place}", data[start : start + _PIECE])
        conn.execute(sa.insert(ImportPieceRow).values(import_id=made.id, position=place, body=body))


def content(conn: sa.Connection, vault: Vault, import_id: str) -> bytes:
    """Return the file as it came."""
    table = ImportPieceRow.__table__
    chosen = sa.select(table.c.position, table.c.body).where(table.c.import_id == import_id)
    pieces = conn.execute(chosen.order_by(table.c.position))
    return b"".join(vault.open_bytes(_PLACE, f"{import_id}|{place}", body) for place, body in pieces)


def get(conn: sa.Connection, import_id: str) -> Import | None:
    """Return one import."""
    row = conn.execute(sa.select(_ROW).where(_ROW.c.id == import_id)).mappings().one_or_none()
    return _import(row) if row else None


def of(conn: sa.Connection, owner: str, *, limit: int = 100) -> list[Import]:
    """Return a person's imports, newest first."""
    chosen = sa.select(_ROW).where(_ROW.c.owner == owner).order_by(_ROW.c.id.desc()).limit(limit)
    return [_import(row) for row in conn.execute(chosen).mappings()]


def put(conn: sa.Connection, standing: Import, now: datetime, **values: Any) -> bool:
    """Write over the version that was read; False where somebody else was faster."""
    own = sa.and_(_ROW.c.id == standing.id, _ROW.c.version == standing.version)
    if "problems" in values:
        values["problems"] = [found.as_json() for found in values["problems"]]
    written = sa.update(ImportRow).where(own).values(**values, version=standing.version + 1, updated_at=now)
    return bool(conn.execute(written).rowcount)


def drop(conn: sa.Connection, import_id: str) -> None:
    """Forget an import, its file and its rows."""
    forget_rows(conn, import_id)
    for table in (ImportPieceRow, ImportRow):
        own = table.import_id if table is ImportPieceRow else ImportRow.id
        conn.execute(sa.delete(table).where(own == import_id))


def forget_rows(conn: sa.Connection, import_id: str) -> None:
    """Forget the rows of an import and all that was found out about them."""
    conn.execute(sa.delete(ImportFaultRow).where(ImportFaultRow.import_id == import_id))
    conn.execute(sa.delete(ImportKnownRow).where(ImportKnownRow.import_id == import_id))
    conn.execute(sa.delete(ImportLineRow).where(ImportLineRow.import_id == import_id))


def sweep(conn: sa.Connection, now: datetime, *, limit: int = 5) -> int:
    """Forget a few imports that nobody touched for as long as they are kept; return how many went."""
    old = list(conn.scalars(sa.select(_ROW.c.id).where(_ROW.c.updated_at < now - KEPT).limit(limit)))
    for import_id in old:
        drop(conn, import_id)
    return len(old)


def habits(conn: sa.Connection, signature: str) -> list[Habit]:
    """Return how files with this header were mapped, the newest first."""
    table = ImportHabitRow.__table__
    columns = [table.c[name] for name in Habit.__slots__]
    chosen = sa.select(*columns).where(table.c.signature == signature).order_by(table.c.used_at.desc())
    return [Habit(**row) for row in conn.execute(chosen).mappings()]


def keep_habit(
    conn: sa.Connection, signature: str, into: str, plan: Mapping[str, Any], now: datetime, name: str
) -> None:
    """Keep how a file with this header was mapped."""
    values = {"plan": dict(plan), "used_at": now, "used_by": name}
    if not add_new(conn, ImportHabitRow, ["signature", "into"], {"signature": signature, "into": into, **values}):
        own = sa.and_(ImportHabitRow.signature == signature, ImportHabitRow.into == into)
        conn.execute(sa.update(ImportHabitRow).where(own).values(**values))


def _columns(made: Import) -> dict[str, Any]:
    plain = {name: getattr(made, name) for name in Import.__slots__}
    maps = {name: dict(plain[name]) for name in ("layout", "plan", "wish", "counts")}
    return plain | maps | {"problems": [found.as_json() for found in made.problems]}


def _import(row: Any) -> Import:
    values = {name: row[name] for name in Import.__slots__}
    return Import(**values | {"problems": tuple(Problem.of(found) for found in row["problems"])})
