"""The rows of a database, a line a row, in a form that both kinds of database read.

Times are milliseconds, JSON is its text, pieces of files are base64: what is read back is what stood there.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ordain.base import json
from ordain.store.tables.base import Instant, Sealed

Kind = Literal["plain", "flag", "json", "bytes"]
Columns = Mapping[str, Kind]
_AT_ONCE: Final = 500
_LONGEST: Final = 1 << 30


def columns(table: sa.Table) -> dict[str, Kind]:
    """Return the columns of a table, and how their values are written down."""
    return {str(column.name): _kind(column.type) for column in _given(table)}


def lines(conn: sa.Connection, table: sa.Table) -> Iterator[bytes]:
    """Yield the rows of a table, in the order of its key."""
    kinds = list(columns(table).values())
    chosen = sa.select(*(_raw(conn, column) for column in _given(table))).order_by(*table.primary_key.columns)
    for row in conn.execute(chosen, execution_options={"yield_per": _AT_ONCE}):
        yield json.dumps([_written(value, kind) for value, kind in zip(row, kinds, strict=True)]) + b"\n"


def load(conn: sa.Connection, name: str, kinds: Columns, written: Iterable[bytes]) -> int:
    """Put rows in place of what stands in a table; return how many."""
    table = sa.table(name, *(sa.column(column, _STORED[kind]) for column, kind in kinds.items()))
    if conn.scalar(sa.select(sa.func.count()).select_from(table)):
        conn.execute(sa.delete(table))
    values = {column: _bound(conn, column, kind) for column, kind in kinds.items()}
    adding, count, rows = sa.insert(table).values(values), 0, iter(written)
    while batch := [_read(line, kinds) for line in islice(rows, _AT_ONCE)]:
        conn.execute(adding, batch)
        count += len(batch)
    return count


def is_empty(conn: sa.Connection) -> bool:
    """Tell whether a database holds no table at all."""
    return not sa.inspect(conn).get_table_names()


def _given(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns that the database does not work out itself."""
    return [column for column in table.columns if column.computed is None]


def _kind(type_: sa.types.TypeEngine[Any]) -> Kind:
    if isinstance(type_, sa.JSON):
        return "json"
    if isinstance(type_, sa.LargeBinary):
        return "bytes"
    return "flag" if isinstance(type_, sa.Boolean) else "plain"


def _raw(conn: sa.Connection, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return a column as it is stored, past the types of the house."""
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text) if conn.dialect.name == "postgresql" else sa.type_coerce(column, sa.Text)
    if isinstance(column.type, Instant):
        return sa.type_coerce(column, sa.BigInteger)
    return sa.type_coerce(column, sa.Text) if isinstance(column.type, Sealed) else column


def _bound(conn: sa.Connection, name: str, kind: Kind) -> sa.ColumnElement[Any]:
    given = sa.bindparam(f"of_{name}", type_=_STORED[kind])
    return sa.cast(given, JSONB) if kind == "json" and conn.dialect.name == "postgresql" else given


def _written(value: Any, kind: Kind) -> Any:
    return base64.b64encode(value).decode() if kind == "bytes" and value is not None else value


def _read(line: bytes, kinds: Columns) -> dict[str, Any]:
    row: Sequence[Any] = json.loads(line, limit=_LONGEST)
    return {
        f"of_{name}": base64.b64decode(value) if kind == "bytes" and value is not None else value
        for (name, kind), value in zip(kinds.items(), row, strict=True)
    }


_STORED: Final[Mapping[Kind, Any]] = {
    "plain": sa.types.NullType(),
    "flag": sa.Boolean(),
    "json": sa.Text(),
    "bytes": sa.LargeBinary(),
}
