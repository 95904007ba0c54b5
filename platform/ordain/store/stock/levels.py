"""Levels: what is on hand and promised of each SKU in each pool.

Whoever changes them locks them first, in the order of SKU and pool, so that two never wait for each other. The change
itself is a conditional update all the same, and the table's CHECKs stand behind it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.base import json
from ordain.base.clock import epoch_ms
from ordain.records.stock import Level, Place, Pool
from ordain.store.adding import add_new
from ordain.store.stock.proof import Standing
from ordain.store.tables.stock import PoolRow, StockRow

_COLUMNS: Final = "sku, pool, on_hand, reserved, safety, backorder_limit, version"
# One constant text for any number of SKUs: prepared once, found in the cache ever after.
_OF: Final[Mapping[str, str]] = {
    "sqlite": f"SELECT {_COLUMNS} FROM stock WHERE sku IN (SELECT value FROM json_each(?)) ORDER BY sku, pool",  # noqa: S608 constants
    "postgresql": f"SELECT {_COLUMNS} FROM stock WHERE sku = ANY(%s) ORDER BY sku, pool",  # noqa: S608 constants
}
_CHANGE_SQLITE: Final = (
    "UPDATE stock SET on_hand = on_hand + ?1, reserved = reserved + ?2, backorder_limit = max(backorder_limit, ?3), "
    "version = version + 1, changed_at = ?4 WHERE sku = ?5 AND pool = ?6 AND reserved + ?2 >= 0 "
    "AND on_hand + ?1 - reserved - ?2 >= -max(backorder_limit, ?3)"
)
_CHANGE_POSTGRESQL: Final = (
    "UPDATE stock AS s SET on_hand = s.on_hand + d.on_hand, reserved = s.reserved + d.reserved, "
    "backorder_limit = GREATEST(s.backorder_limit, d.owed), version = s.version + 1, changed_at = %s "
    "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]) "
    "AS d(on_hand, reserved, owed, sku, pool) "
    "WHERE s.sku = d.sku AND s.pool = d.pool AND s.reserved + d.reserved >= 0 "
    "AND s.on_hand + d.on_hand - s.reserved - d.reserved >= -GREATEST(s.backorder_limit, d.owed)"
)


@dataclass(slots=True)
class Delta:
    """How one level changes; `owed` is how far below nothing it may go from now on."""

    on_hand: int = 0
    reserved: int = 0
    owed: int = 0


class Overtaken(RuntimeError):
    """A level was not as it had been read under its lock; the transaction must not be kept."""


def of(conn: sa.Connection, skus: Collection[str]) -> dict[Place, Level]:
    """Return the levels of these SKUs in all pools."""
    return _found(conn, skus, "")


def lock(conn: sa.Connection, skus: Collection[str], *, wait: bool = True) -> dict[Place, Level]:
    """Return the levels of these SKUs, locked for the transaction; those others hold are left out on no wait."""
    ending = "" if conn.dialect.name == "sqlite" else " FOR UPDATE" if wait else " FOR UPDATE SKIP LOCKED"
    return _found(conn, skus, ending)


def change(conn: sa.Connection, deltas: Mapping[Place, Delta], now: datetime) -> None:
    """Change locked levels in one go; Overtaken where one of them would break its promises."""
    if not deltas:
        return
    places, at = sorted(deltas), epoch_ms(now)
    if conn.dialect.name == "sqlite":
        rows = [
            (deltas[place].on_hand, deltas[place].reserved, deltas[place].owed, at, place[0], place[1])
            for place in places
        ]
        done = conn.exec_driver_sql(_CHANGE_SQLITE, rows, execution_options=_COUNT).rowcount
    else:
        columns: tuple[Any, ...] = (
            [deltas[place].on_hand for place in places],
            [deltas[place].reserved for place in places],
            [deltas[place].owed for place in places],
            [sku for sku, _ in places],
            [pool for _, pool in places],
        )
        done = conn.exec_driver_sql(_CHANGE_POSTGRESQL, (at, *columns)).rowcount
    if done != len(places):
        raise Overtaken(f"{len(places) - done} of {len(places)} levels were not as read")


def add(conn: sa.Connection, sku: str, pool: str, now: datetime) -> None:
    """Make a level known at zero, unless it is."""
    zero = dict.fromkeys(("on_hand", "reserved", "safety", "backorder_limit"), 0)
    add_new(conn, StockRow, ["sku", "pool"], {"sku": sku, "pool": pool, **zero, "version": 1, "changed_at": now})


def set_limits(conn: sa.Connection, place: Place, limits: Mapping[str, int], now: datetime) -> None:
    """Set `safety` or `backorder_limit` of a locked level."""
    row = StockRow
    own = sa.and_(row.sku == place[0], row.pool == place[1])
    conn.execute(sa.update(row).where(own).values(**limits, version=row.version + 1, changed_at=now))


def repair(conn: sa.Connection, found: Standing, now: datetime) -> None:
    """Set what is reserved of a locked level to what its reservations hold, with room for it where there is none."""
    row = StockRow
    limit = sa.case(
        (row.backorder_limit < found.open - found.on_hand, found.open - found.on_hand), else_=row.backorder_limit
    )
    own = sa.and_(row.sku == found.sku, row.pool == found.pool)
    conn.execute(
        sa.update(row)
        .where(own)
        .values(reserved=found.open, backorder_limit=limit, version=row.version + 1, changed_at=now)
    )


def pools(conn: sa.Connection) -> list[Pool]:
    """Return all pools by key."""
    rows = conn.execute(sa.select(PoolRow.key, PoolRow.title_zh, PoolRow.title_en).order_by(PoolRow.key))
    return [Pool(*row) for row in rows]


def versions(conn: sa.Connection, *, after: str = "", limit: int = 1000) -> Sequence[tuple[str, int, int]]:
    """Return (SKU, version, available) of SKUs in order, over all pools: whoever pushes stock compares what it pushed.

    The version of a SKU is the sum of those of its levels, and only ever grows.
    """
    row = StockRow
    rows = conn.execute(
        sa.select(row.sku, sa.func.sum(row.version), sa.func.sum(row.on_hand - row.reserved - row.safety))
        .where(row.sku > after)
        .group_by(row.sku)
        .order_by(row.sku)
        .limit(limit)
    )
    return [(sku, int(version), int(available)) for sku, version, available in rows]


def _found(conn: sa.Connection, skus: Collection[str], ending: str) -> dict[Place, Level]:
    if not skus:
        return {}
    asked: Any = json.dumps(list(skus)).decode() if conn.dialect.name == "sqlite" else list(skus)
    rows = conn.exec_driver_sql(_OF[conn.dialect.name] + ending, (asked,))
    return {(row[0], row[1]): Level(*row) for row in rows}


_COUNT: Final = {"preserve_rowcount": True}
