"""Adding many rows over the driver alone: statements built once, values converted by the types of their columns.

The paths that every order takes write half a dozen tables in one transaction; building each statement anew and
converting each value through its layers costs more than the database does. PostgreSQL gets all rows of a table
as one parameter, which it reads by the table's own types.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ordain.base import json
from ordain.store.tables.base import Instant, Sealed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_POSTGRESQL: Final = postgresql.dialect()  # type: ignore[no-untyped-call] # as the library has it
Convert = Callable[[Any], Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Statement:
    """An INSERT of some columns on one database, and the columns whose values are converted for it."""

    text: str
    names: tuple[str, ...]
    converts: tuple[tuple[str, Convert], ...]


class Inserting:
    """The INSERTs of one table."""

    def __init__(self, table: sa.FromClause) -> None:
        self._table: Any = table
        self._made: dict[tuple[str, ...], _Statement] = {}

    def __call__(self, conn: sa.Connection, rows: Sequence[Row]) -> None:
        """Add rows that all name the same columns."""
        if not rows:
            return
        sqlite = conn.dialect.name == "sqlite"
        names = tuple(rows[0])
        made = self._made.get((conn.dialect.name, *names)) or self._make(conn.dialect.name, names)
        converted = [_converted(row, made.converts) for row in rows]
        if sqlite:
            conn.exec_driver_sql(made.text, [tuple([row[name] for name in names]) for row in converted])
        else:
            conn.exec_driver_sql(made.text, (json.dumps(converted).decode(),))

    def _make(self, dialect: str, names: tuple[str, ...]) -> _Statement:
        converter = _for_sqlite if dialect == "sqlite" else _for_postgresql
        found = [(name, converter(self._table.c[name].type)) for name in names]
        quoted, table = ", ".join(f'"{name}"' for name in names), f'"{self._table.name}"'
        marks = ", ".join("?" * len(names))
        types = ", ".join(f'"{name}" {self._table.c[name].type.compile(_POSTGRESQL)}' for name in names)
        rows = f"SELECT {quoted} FROM json_to_recordset(%s::json) AS given({types})"  # noqa: S608 names of our own tables
        text = f"INSERT INTO {table} ({quoted}) {f'VALUES ({marks})' if dialect == 'sqlite' else rows}"
        made = _Statement(text, names, tuple((name, convert) for name, convert in found if convert is not None))
        self._made[dialect, *names] = made
        return made


def _converted(row: Row, converts: Sequence[tuple[str, Convert]]) -> dict[str, Any]:
    return {**row, **{name: convert(row[name]) for name, convert in converts}}


def _for_sqlite(kind: sa.types.TypeEngine[Any]) -> Convert | None:
    return _text if isinstance(kind, sa.JSON) else _for_postgresql(kind)


def _for_postgresql(kind: sa.types.TypeEngine[Any]) -> Convert | None:
    if isinstance(kind, Instant):
        return _milliseconds
    return _sealed if isinstance(kind, Sealed) else None


def _milliseconds(value: datetime | None) -> int | None:
    return None if value is None else (value - _EPOCH) // _MILLISECOND


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value).decode()


def _sealed(value: str | None) -> str | None:
    if value is not None and not value.startswith("v1."):
        raise ValueError("a protected column takes sealed text only")
    return value
