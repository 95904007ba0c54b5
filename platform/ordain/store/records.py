"""Records of every type that forms describe, behind the access door: found, read and written along their shelf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.clock import rfc3339
from ordain.records.access import Access
from ordain.store import keyset
from ordain.store.access import rows_seen
from ordain.store.fields import FieldFilter, is_sound, matches
from ordain.store.inserting import Inserting
from ordain.store.keyset import Sort
from ordain.store.shelves import Lines, Shelf
from ordain.store.tables.base import Instant

_STANDING: Final = ("number", "created_at", "updated_at", "state")


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `data` holds its fields, protected ones sealed. `label` is "" where its number says what it is."""

    id: str
    type: str
    number: int
    state: str
    data: Mapping[str, Any]
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    label: str = ""


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records of a type: empty parts do not restrict; `equal` gives fields their values as text.

    `searched` are the fields that `q` looks in, beside what people call a record; `fields` restrict others; `kinds`
    are those, by kind, that can be sorted by. What the actor may not read matches nothing.
    """

    states: Sequence[str] = ()
    q: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)
    searched: Sequence[str] = ()
    fields: Sequence[FieldFilter] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[str] | None = None
    sort: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page, newest first; `next` is the cursor of the page after it."""

    items: Sequence[Record]
    next: str | None
    total: int


def get(conn: sa.Connection, shelf: Shelf, given: Access, record_id: str) -> Record | None:
    """Return one record this actor may see."""
    found = _read(conn, shelf, _chosen(shelf, given).where(shelf.id == record_id))
    return found[0] if found else None


def called(conn: sa.Connection, shelf: Shelf, given: Access, name: str) -> Record | None:
    """Return the record that people call by this name: its label, or its number behind any initials."""
    number = name.rsplit("-", 1)[-1]
    if shelf.label is not None:
        named = shelf.label == name
    elif shelf.number is not None and number.isdecimal() and len(number) < 16:
        named = shelf.number == int(number)
    else:
        return None
    found = _read(conn, shelf, _chosen(shelf, given).where(named).limit(1))
    return found[0] if found else None


def find(
    conn: sa.Connection, shelf: Shelf, given: Access, query: RecordQuery, *, limit: int = 50, after: str | None = None
) -> RecordPage:
    """Return one page of the records this actor may see, newest first unless sorted otherwise.

    ValueError for a cursor that is none of ours.
    """
    items, following = page(conn, shelf, given, query, limit=limit, after=after)
    return RecordPage(items, following, count(conn, shelf, given, query))


def page(
    conn: sa.Connection, shelf: Shelf, given: Access, query: RecordQuery, *, limit: int = 50, after: str | None = None
) -> tuple[list[Record], str | None]:
    """Return one page and the cursor of the next, uncounted; ValueError for a cursor that is none of ours."""
    chosen = _chosen(shelf, given).where(_where(conn, shelf, given, query))
    rows, following = keyset.page(conn, chosen, _sort(shelf, given, query), shelf.id, limit=limit, cursor=after or None)
    return _records(conn, shelf, rows), following


def count(conn: sa.Connection, shelf: Shelf, given: Access, query: RecordQuery) -> int:
    """Return how many records of a query this actor may see."""
    where = sa.and_(shelf.all(), _seen(shelf, given), _where(conn, shelf, given, query))
    return conn.scalar(sa.select(sa.func.count()).select_from(shelf.table).where(where)) or 0


def counts(conn: sa.Connection, shelf: Shelf, given: Access, query: RecordQuery) -> dict[str, int]:
    """Return how many records of a query are in each state; all under "" where the type has none."""
    if shelf.state is None:
        return {"": count(conn, shelf, given, query)}
    where = sa.and_(shelf.all(), _seen(shelf, given), _where(conn, shelf, given, query))
    chosen = sa.select(shelf.state, sa.func.count()).select_from(shelf.table).where(where).group_by(shelf.state)
    return dict(conn.execute(chosen).all())


def some(conn: sa.Connection, shelf: Shelf, given: Access, ids: Sequence[str]) -> list[Record]:
    """Return those of these records that this actor may see."""
    return _read(conn, shelf, _chosen(shelf, given).where(shelf.id.in_(ids))) if ids else []


def add(conn: sa.Connection, shelf: Shelf, made: Record, words: str) -> None:
    """Add a record."""
    add_all(conn, shelf, [(made, words)])


def add_all(conn: sa.Connection, shelf: Shelf, made: Sequence[tuple[Record, str]]) -> None:
    """Add records, each with the words a search finds it by."""
    if made:
        _inserting(shelf.table)(conn, [_new_values(shelf, record, words) for record, words in made])
    for record, _ in made:
        if shelf.lines and any(record.data.get(name) for name in shelf.lines):
            _put_lines(conn, shelf, record)


def put(conn: sa.Connection, shelf: Shelf, made: Record, words: str, only: Sequence[str] | None = None) -> bool:
    """Write a record over its version before; False where somebody else was faster. `only` names what is written."""
    own = sa.and_(shelf.all(), shelf.id == made.id, shelf.version == made.version - 1)
    values = _values(shelf, made, words)
    if only is not None:
        barred = {column.name for name, column in shelf.columns.items() if name not in only}
        values = {name: value for name, value in values.items() if name not in barred}
    if not conn.execute(sa.update(shelf.table).where(own).values(values)).rowcount:
        return False
    _put_lines(conn, shelf, made, only)
    return True


def next_number(conn: sa.Connection, shelf: Shelf) -> int:
    """Return the number a new record of a type gets; nobody else is given one until the transaction ends."""
    if shelf.number is None:
        return 0
    if conn.dialect.name == "postgresql":  # on SQLite one writer at a time is let in anyway
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"record:{shelf.record}"))))
    return (conn.scalar(sa.select(sa.func.max(shelf.number)).where(shelf.all())) or 0) + 1


def _seen(shelf: Shelf, given: Access) -> sa.ColumnElement[bool]:
    return rows_seen(given, shelf.seen_as()) if given.may("read") else sa.false()


def _chosen(shelf: Shelf, given: Access) -> sa.Select[Any]:
    standing = {
        "_id": shelf.id, "_extra": shelf.extra, "_version": shelf.version, "_created_at": shelf.created_at,
        "_updated_at": shelf.updated_at, "_label": shelf.label, "_number": shelf.number, "_state": shelf.state,
        "_created_by": shelf.created_by,
    }  # fmt: skip
    columns = [column.label(name) for name, column in {**standing, **shelf.columns}.items() if column is not None]
    return sa.select(*columns).select_from(shelf.table).where(shelf.all(), _seen(shelf, given))


def _sort(shelf: Shelf, given: Access, query: RecordQuery) -> Sort:
    name, descending = query.sort.removeprefix("-"), query.sort.startswith("-")
    standing = name in _STANDING and (name != "number" or shelf.number is not None)
    if standing or (name in query.kinds and given.reads(name)):
        column = shelf.value(name, query.kinds.get(name, "text"))
        return Sort(name, column, nullable=shelf.is_nullable(name), descending=descending)
    return Sort("", shelf.since, nullable=False, descending=True)


def _where(conn: sa.Connection, shelf: Shelf, given: Access, query: RecordQuery) -> sa.ColumnElement[bool]:
    found: list[sa.ColumnElement[bool]] = []
    if query.states:
        found.append(shelf.state.in_(query.states) if shelf.state is not None else sa.false())
    if query.ids is not None:
        found.append(shelf.id.in_(query.ids))
    if query.q:
        found.append(_searched(conn, shelf, given, query))
    for name, value in query.equal.items():
        found.append(shelf.text(conn, name) == value if given.reads(name) else sa.false())
    for wanted in query.fields:
        seen = given.reads(wanted.name) and (wanted.name in shelf.columns or is_sound(wanted.name))
        if not seen:
            found.append(sa.false())
        elif wanted.kind == "bool":
            found.append(matches(shelf.text(conn, wanted.name), wanted))
        else:
            column = shelf.value(wanted.name, wanted.kind)
            found.append(matches(column, _timed(wanted) if isinstance(column.type, Instant) else wanted))
    return sa.and_(sa.true(), *found)


def _timed(wanted: FieldFilter) -> FieldFilter:
    """Return the filter of a column of times, which are texts where a query comes from JSON."""
    low, high = (datetime.fromisoformat(one) if isinstance(one, str) else one for one in (wanted.low, wanted.high))
    return replace(wanted, low=low, high=high)


def _searched(conn: sa.Connection, shelf: Shelf, given: Access, query: RecordQuery) -> sa.ColumnElement[bool]:
    """Look into what the actor may read: into all words at once where that is all of them, else field by field."""
    number = query.q.rsplit("-", 1)[-1]
    readable = [name for name in query.searched if given.reads(name)]
    found: list[sa.ColumnElement[bool]] = [sa.false()]
    if shelf.words is not None and len(readable) == len(query.searched):
        found.append(shelf.words.contains(query.q.casefold(), autoescape=True))
    else:
        found += [shelf.text(conn, name).icontains(query.q, autoescape=True) for name in readable]
    if shelf.label is not None:
        found.append(shelf.label.icontains(query.q, autoescape=True))
    elif shelf.number is not None and number.isdecimal() and len(number) < 16:
        found.append(shelf.number == int(number))
    return sa.or_(*found)


def _read(conn: sa.Connection, shelf: Shelf, chosen: sa.Select[Any]) -> list[Record]:
    return _records(conn, shelf, conn.execute(chosen).mappings().all())


def _records(conn: sa.Connection, shelf: Shelf, rows: Sequence[Any]) -> list[Record]:
    lines = {name: _lines(conn, one, [row["_id"] for row in rows]) for name, one in shelf.lines.items()}
    return [_record(shelf, row, {name: found.get(row["_id"], []) for name, found in lines.items()}) for row in rows]


def _record(shelf: Shelf, row: Any, lines: Mapping[str, Any]) -> Record:
    own = {name: _said(row[name]) for name in shelf.columns}
    given = {name: value for name, value in {**own, **lines}.items() if value not in (None, "", [])}
    return Record(
        row["_id"],
        shelf.record,
        row.get("_number") or 0,
        row.get("_state") or "",
        {**given, **(row["_extra"] or {})},
        row["_version"],
        row["_created_at"],
        row.get("_created_by") or "",
        row["_updated_at"],
        row.get("_label") or "",
    )


def _said(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value


def _lines(conn: sa.Connection, lines: Lines, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    if not ids:
        return {}
    columns = [column.label(name) for name, column in lines.columns.items()]
    chosen = (
        sa.select(lines.owner.label("_owner"), *columns).where(lines.owner.in_(ids)).order_by(*lines.columns.values())
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in conn.execute(chosen).mappings():
        found.setdefault(row["_owner"], []).append({name: row[name] for name in lines.columns})
    return found


def _values(shelf: Shelf, made: Record, words: str) -> dict[str, Any]:
    """Return the columns of a record, fields that stand in lines left aside."""
    known = {*shelf.columns, *shelf.lines}
    values = {column.name: _kept(column, made.data.get(name)) for name, column in shelf.columns.items()}
    values |= {
        shelf.extra.name: {name: value for name, value in made.data.items() if name not in known},
        shelf.version.name: made.version,
        shelf.updated_at.name: made.updated_at,
    }
    if shelf.state is not None:
        values[shelf.state.name] = made.state
    if shelf.words is not None:
        values[shelf.words.name] = words
    return values


@cache
def _inserting(table: sa.FromClause) -> Inserting:
    return Inserting(table)


def _new_values(shelf: Shelf, made: Record, words: str) -> dict[str, Any]:
    values = _values(shelf, made, words) | {shelf.created_at.name: made.created_at, shelf.id.name: made.id}
    if shelf.created_by is not None:
        values[shelf.created_by.name] = made.created_by
    if shelf.number is not None:
        values[shelf.number.name] = made.number
    if shelf.type is not None:
        values[shelf.type[0].name] = shelf.type[1]
    return values


def _kept(column: sa.Column[Any], value: Any) -> Any:
    """Return a value as its column holds it: an empty text or no truth where nothing is given and null is barred."""
    if value is not None:
        return datetime.fromisoformat(value) if isinstance(column.type, Instant) else value
    if column.nullable:
        return None
    return False if isinstance(column.type, sa.Boolean) else 0 if isinstance(column.type, sa.Integer) else ""


def _put_lines(conn: sa.Connection, shelf: Shelf, made: Record, only: Sequence[str] | None = None) -> None:
    for name, lines in shelf.lines.items():
        if only is None or name in only:
            conn.execute(sa.delete(lines.table).where(lines.owner == made.id))
            rows = [
                {lines.owner.name: made.id}
                | {column.name: item.get(key) or "" for key, column in lines.columns.items()}
                for item in made.data.get(name) or ()
            ]
            if rows:
                conn.execute(sa.insert(lines.table), rows)
