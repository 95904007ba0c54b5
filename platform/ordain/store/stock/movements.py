"""Movements: every change of what is on hand, never rewritten."""

from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from ordain.records.stock import Movement
from ordain.store.inserting import Inserting
from ordain.store.tables.stock import MovementRow

_ROW: Final = MovementRow.__table__
_FIELDS: Final = Movement.__slots__
_INSERT: Final = Inserting(MovementRow.__table__)


def insert(conn: sa.Connection, made: Sequence[Movement]) -> None:
    """Add movements."""
    _INSERT(conn, [{name: getattr(one, name) for name in _FIELDS} for one in made])


def by_key(conn: sa.Connection, keys: Collection[str]) -> dict[str, Movement]:
    """Return the movements that were made under these keys."""
    if not keys:
        return {}
    chosen = sa.select(*(_ROW.c[name] for name in _FIELDS)).where(_ROW.c.key.in_(list(keys)))
    return {row.key: Movement(**row._asdict()) for row in conn.execute(chosen)}


def of(conn: sa.Connection, sku: str, *, before: str = "", limit: int = 50) -> list[Movement]:
    """Return a SKU's movements, newest first, those older than the id `before`."""
    chosen = sa.select(*(_ROW.c[name] for name in _FIELDS)).where(_ROW.c.sku == sku)
    if before:
        chosen = chosen.where(_ROW.c.id < before)
    return [Movement(**row._asdict()) for row in conn.execute(chosen.order_by(_ROW.c.id.desc()).limit(limit))]


def count(conn: sa.Connection, sku: str) -> int:
    """Return how many movements a SKU has."""
    return conn.scalar(sa.select(sa.func.count()).select_from(_ROW).where(_ROW.c.sku == sku)) or 0
