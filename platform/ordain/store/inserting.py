"""Adding many rows over the driver alone: statements built once, values converted by the types of their columns.

The paths that every order takes write half a dozen tables in one transaction; building each statement anew and
converting each value through its layers costs more than the database does.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.store.tables.base import Instant, Sealed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
Convert = Callable[[Any], Any]


class Inserting:
    """The INSERTs of one table."""

    def __init__(self, row: Any) -> None:
        self._table: Any = row.__table__
        self._made: dict[tuple[str, ...], tuple[str, str, list[tuple[str, Convert | None]]]] = {}

    def __call__(self, conn: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows that all name the same columns."""
        if not rows:
            return
        names = tuple(rows[0])
        sqlite, postgresql, columns = self._made.get(names) or self._make(names)
        values = [
            tuple(row[name] if convert is None else convert(row[name]) for name, convert in columns) for row in rows
        ]
        conn.exec_driver_sql(sqlite if conn.dialect.name == "sqlite" else postgresql, values)

    def _make(self, names: tuple[str, ...]) -> tuple[str, str, list[tuple[str, Convert | None]]]:
        columns = [(name, _converter(self._table.c[name].type)) for name in names]
        quoted = ", ".join(f'"{name}"' for name in names)
        head = f'INSERT INTO "{self._table.name}" ({quoted}) VALUES '  # noqa: S608 names of our own tables
        marks = [f"({', '.join([mark] * len(names))})" for mark in ("?", "%s")]
        made = self._made[names] = (head + marks[0], head + marks[1], columns)
        return made


def _converter(kind: sa.types.TypeEngine[Any]) -> Convert | None:
    if isinstance(kind, Instant):
        return _milliseconds
    if isinstance(kind, sa.JSON):
        return _text
    return _sealed if isinstance(kind, Sealed) else None


def _milliseconds(value: datetime | None) -> int | None:
    return None if value is None else (value - _EPOCH) // _MILLISECOND


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value).decode()


def _sealed(value: str | None) -> str | None:
    if value is not None and not value.startswith("v1."):
        raise ValueError("a protected column takes sealed text only")
    return value
