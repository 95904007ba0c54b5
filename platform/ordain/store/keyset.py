"""Pages of long lists along a sort: the cursor names the last row, so a page deep down costs what the first does.

Rows without a value to sort by come last and are asked for apart: so both databases walk along an index.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.clock import epoch_ms, from_epoch_ms
from ordain.store.tables.base import Instant

_KEY: Final = "_sorted_by"


@dataclass(frozen=True, slots=True)
class Sort:
    """What a list is sorted by: a name for the cursor, the column, whether rows may have nothing there."""

    name: str
    column: sa.ColumnElement[Any]
    nullable: bool
    descending: bool


def page(
    conn: sa.Connection,
    chosen: sa.Select[Any],
    by: Sort,
    row_id: sa.ColumnElement[Any],
    *,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[Any], str | None]:
    """Return the rows of one page and the cursor of the next; ValueError for a cursor that is none of this sort's."""
    place = _read(cursor, by, conn.dialect.name) if cursor else None
    chosen = chosen.add_columns(by.column.label(_KEY), row_id.label("_row_id")).limit(limit + 1)
    rows: list[Any] = []
    if place is None or place[0] is not None:
        beyond = [] if place is None else [_after(by.descending, place, by.column, row_id)]
        known = [by.column.is_not(None)] if by.nullable else []
        rows += conn.execute(chosen.where(*known, *beyond).order_by(*_ordered(by, by.column, row_id))).mappings()
    if by.nullable and len(rows) <= limit:
        beyond = [] if place is None or place[0] is not None else [_after(by.descending, (place[1],), row_id)]
        rows += conn.execute(chosen.where(by.column.is_(None), *beyond).order_by(*_ordered(by, row_id))).mappings()
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], _made(by.name, last[_KEY], last["_row_id"]) if last else None


def _ordered(by: Sort, *columns: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    return [column.desc() if by.descending else column for column in columns]


def _after(descending: bool, place: Sequence[Any], *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    own = sa.tuple_(*(_literal(value, column) for value, column in zip(place, columns, strict=True)))
    return sa.tuple_(*columns) < own if descending else sa.tuple_(*columns) > own


def _literal(value: Any, column: sa.ColumnElement[Any]) -> Any:
    known = column.type
    return sa.literal(value) if isinstance(known, sa.types.NullType) else sa.literal(value, known)


def _made(name: str, value: Any, row_id: str) -> str:
    plain = epoch_ms(value) if isinstance(value, datetime) else value
    kept = ["n", str(plain)] if isinstance(plain, Decimal | float) else plain
    return base64.urlsafe_b64encode(json.dumps([name, kept, row_id])).decode().rstrip("=")


def _read(cursor: str, by: Sort, dialect: str) -> tuple[Any, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        stored, value, row_id = json.loads(raw)
        if isinstance(value, list):
            number = Decimal(value[1])
            value = number if dialect == "postgresql" else float(number)
    except (ValueError, TypeError, IndexError, InvalidOperation):
        raise ValueError("not a cursor") from None
    if stored != by.name or not isinstance(row_id, str) or not _fits(value, by.column):
        raise ValueError("not a cursor of this sort")
    return (from_epoch_ms(value) if isinstance(by.column.type, Instant) and value is not None else value), row_id


def _fits(value: Any, column: sa.ColumnElement[Any]) -> bool:
    """Tell whether a cursor's value is of the kind its column holds."""
    if value is None:
        return True
    if isinstance(column.type, sa.String):
        return isinstance(value, str)
    if isinstance(column.type, sa.Integer | Instant):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
