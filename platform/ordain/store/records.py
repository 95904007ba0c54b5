"""Records of the types that admins make: kept whole as JSON, found by state, words and fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ordain.store.tables.records import RecordRow

_ROW = RecordRow.__table__


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `data` holds its fields, protected ones sealed."""

    id: str
    type: str
    number: int
    state: str
    data: Mapping[str, Any]
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records of a type: empty parts do not restrict; `equal` gives fields their values as text."""

    type: str
    states: Sequence[str] = ()
    q: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page, newest first; `next` is the number the page after it begins below."""

    items: Sequence[Record]
    next: int | None
    total: int


def get(conn: sa.Connection, kind: str, record_id: str) -> Record | None:
    """Return one record of a type."""
    row = conn.execute(sa.select(_ROW).where(_ROW.c.type == kind, _ROW.c.id == record_id)).mappings().one_or_none()
    return _record(row) if row else None


def find(conn: sa.Connection, query: RecordQuery, *, limit: int = 50, before: int | None = None) -> RecordPage:
    """Return one page of records, newest first."""
    where = _where(conn, query)
    chosen = sa.select(_ROW).where(where)
    if before is not None:
        chosen = chosen.where(_ROW.c.number < before)
    rows = conn.execute(chosen.order_by(_ROW.c.number.desc()).limit(limit + 1)).mappings().all()
    total = conn.scalar(sa.select(sa.func.count()).select_from(_ROW).where(where)) or 0
    more = rows[limit - 1]["number"] if len(rows) > limit else None
    return RecordPage([_record(row) for row in rows[:limit]], more, total)


def counts(conn: sa.Connection, query: RecordQuery) -> dict[str, int]:
    """Return how many records of a query are in each state."""
    chosen = sa.select(_ROW.c.state, sa.func.count()).where(_where(conn, query)).group_by(_ROW.c.state)
    return dict(conn.execute(chosen).all())


def add(conn: sa.Connection, made: Record, words: str) -> None:
    """Add a record."""
    conn.execute(sa.insert(RecordRow).values(**_columns(made), words=words))


def put(conn: sa.Connection, made: Record, words: str) -> bool:
    """Write a record over its version before; False where somebody else was faster."""
    own = sa.and_(_ROW.c.id == made.id, _ROW.c.version == made.version - 1)
    values = {"state": made.state, "data": dict(made.data), "version": made.version, "updated_at": made.updated_at}
    return bool(conn.execute(sa.update(RecordRow).where(own).values(**values, words=words)).rowcount)


def next_number(conn: sa.Connection, kind: str) -> int:
    """Return the number a new record of a type gets; the unique constraint lets one of two at once try again."""
    return (conn.scalar(sa.select(sa.func.max(_ROW.c.number)).where(_ROW.c.type == kind)) or 0) + 1


def _where(conn: sa.Connection, query: RecordQuery) -> sa.ColumnElement[bool]:
    found: list[sa.ColumnElement[bool]] = [_ROW.c.type == query.type]
    if query.states:
        found.append(_ROW.c.state.in_(query.states))
    if query.q:
        number = query.q.rsplit("-", 1)[-1]
        words = _ROW.c.words.contains(query.q.casefold(), autoescape=True)
        exact = number.isdecimal() and len(number) < 16
        found.append(sa.or_(words, _ROW.c.number == int(number)) if exact else words)
    for name, value in query.equal.items():
        held = _ROW.c.data[name].as_string() if conn.dialect.name == "postgresql" else _text(name)
        found.append(held == value)
    return sa.and_(*found)


def _text(name: str) -> sa.ColumnElement[Any]:
    """Return a field as text on SQLite, where true and false would come out as 1 and 0."""
    path = f'$."{name}"'
    kind = sa.func.json_type(_ROW.c.data, path)
    plain = sa.cast(sa.func.json_extract(_ROW.c.data, path), sa.Text)
    return sa.case((kind.in_(("true", "false")), kind), else_=plain)


def _columns(made: Record) -> dict[str, Any]:
    return {name: getattr(made, name) for name in Record.__slots__} | {"data": dict(made.data)}


def _record(row: Any) -> Record:
    return Record(**{name: row[name] for name in Record.__slots__})
