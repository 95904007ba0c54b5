"""The stock proof: levels against what they must be the sums of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.text import Text
from ordain.store.tables.orders import SkuRow
from ordain.store.tables.stock import MovementRow, ReservationLineRow, ReservationRow, StockRow

_STOCK: Final = StockRow.__table__.c
_LINE: Final = ReservationLineRow.__table__.c


@dataclass(frozen=True, slots=True)
class Standing:
    """One level beside its two sums; both drifts are 0 while all is well."""

    sku: str
    pool: str
    on_hand: int
    moved: int
    reserved: int
    open: int

    @property
    def on_hand_drift(self) -> int:
        """How far what is on hand is from the sum of the movements."""
        return self.on_hand - self.moved

    @property
    def reserved_drift(self) -> int:
        """How far what is reserved is from the sum of what is held or committed and has not left."""
        return self.reserved - self.open

    @property
    def is_sound(self) -> bool:
        """Tell whether both numbers agree with their sums."""
        return not self.on_hand_drift and not self.reserved_drift


@dataclass(frozen=True, slots=True)
class Totals:
    """Both sums over everything: what is on hand by kinds of movement, what is reserved by what became of the holds."""

    on_hand: int
    reserved: int
    moved: Mapping[str, int]
    held: int
    committed: int
    levels: int
    skus: int
    below: int

    @property
    def on_hand_drift(self) -> int:
        """How far what is on hand is from the sum of the movements."""
        return self.on_hand - sum(self.moved.values())

    @property
    def reserved_drift(self) -> int:
        """How far what is reserved is from the sum of what is held or committed and has not left."""
        return self.reserved - self.held - self.committed


def totals(conn: sa.Connection) -> Totals:
    """Return both sums over all SKUs and pools; `below` counts the levels that promise more than there is."""
    whole = conn.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(_STOCK.on_hand), 0),
            sa.func.coalesce(sa.func.sum(_STOCK.reserved), 0),
            sa.func.count(),
            sa.func.count(_STOCK.sku.distinct()),
            sa.func.count(sa.case((_STOCK.on_hand - _STOCK.reserved < -_STOCK.backorder_limit, 1))),
        )
    ).one()
    moved = conn.execute(sa.select(MovementRow.kind, sa.func.sum(MovementRow.quantity)).group_by(MovementRow.kind))
    promised = conn.execute(
        sa.select(ReservationRow.state, sa.func.sum(_LINE.open_quantity))
        .join(ReservationRow, ReservationRow.id == _LINE.reservation_id)
        .where(_LINE.open_quantity > 0)
        .group_by(ReservationRow.state)
    )
    by_state = {state: int(pieces) for state, pieces in promised}
    return Totals(
        int(whole[0]),
        int(whole[1]),
        {kind: int(pieces) for kind, pieces in moved},
        by_state.get("held", 0),
        by_state.get("committed", 0),
        *(int(number) for number in whole[2:]),
    )


def stocked(conn: sa.Connection, *, q: str = "", after: str = "", limit: int = 50) -> list[tuple[str, Text]]:
    """Return SKUs that have a level, in order, with their titles; `q` is looked for in both."""
    sku = SkuRow.__table__.c
    chosen = sa.select(_STOCK.sku, sku.title_zh, sku.title_en).join(SkuRow, sku.sku == _STOCK.sku, isouter=True)
    if q:
        words = sa.func.lower(_STOCK.sku + " " + sa.func.coalesce(sku.title_zh + " " + sku.title_en, ""))
        chosen = chosen.where(words.contains(q.lower(), autoescape=True))
    rows = conn.execute(chosen.where(_STOCK.sku > after).distinct().order_by(_STOCK.sku).limit(limit))
    return [(row[0], Text(row[1] or "", row[2] or "")) for row in rows]


def standings(
    conn: sa.Connection, *, skus: Collection[str] | None = None, drifted: bool = False, limit: int | None = None
) -> list[Standing]:
    """Return levels with their sums, by SKU: all, those of some SKUs, or those that drifted."""
    moved = (
        sa.select(sa.func.coalesce(sa.func.sum(MovementRow.quantity), 0))
        .where(MovementRow.sku == _STOCK.sku, MovementRow.pool == _STOCK.pool)
        .scalar_subquery()
    )
    open_ = (
        sa.select(sa.func.coalesce(sa.func.sum(_LINE.open_quantity), 0))
        .where(_LINE.sku == _STOCK.sku, _LINE.pool == _STOCK.pool, _LINE.open_quantity > 0)
        .scalar_subquery()
    )
    sums: sa.Select[Any] = sa.select(
        _STOCK.sku, _STOCK.pool, _STOCK.on_hand, moved.label("moved"), _STOCK.reserved, open_.label("open")
    )
    if skus is not None:
        sums = sums.where(_STOCK.sku.in_(skus))
    inner = sums.subquery()
    chosen = sa.select(inner).order_by(inner.c.sku, inner.c.pool).limit(limit)
    if drifted:
        chosen = chosen.where(sa.or_(inner.c.on_hand != inner.c.moved, inner.c.reserved != inner.c.open))
    return [Standing(row[0], row[1], *(int(number) for number in row[2:])) for row in conn.execute(chosen)]


def homeless(conn: sa.Connection, *, limit: int = 20) -> list[tuple[str, str]]:
    """Return places that reservations or movements speak of, but where there is no level."""
    told = sa.union(
        sa.select(_LINE.sku, _LINE.pool).where(_LINE.open_quantity > 0),
        sa.select(MovementRow.sku, MovementRow.pool),
    ).subquery()
    own = sa.and_(_STOCK.sku == told.c.sku, _STOCK.pool == told.c.pool)
    chosen = sa.select(told.c.sku, told.c.pool).outerjoin(StockRow.__table__, own).where(_STOCK.sku.is_(None))
    return [(sku, pool) for sku, pool in conn.execute(chosen.limit(limit))]


def misfits(conn: sa.Connection, *, limit: int = 20) -> list[str]:
    """Return the references of reservations that ended and still count, or are held and do not count in full."""
    row = ReservationRow.__table__.c
    ended = row.state.in_(["released", "expired", "shipped"])
    wrong = sa.or_(
        sa.and_(ended, _LINE.open_quantity > 0),
        sa.and_(row.state == "held", _LINE.open_quantity != _LINE.quantity),
    )
    joined = sa.select(row.reference).join(ReservationLineRow.__table__, _LINE.reservation_id == row.id)
    return list(conn.scalars(joined.where(wrong).distinct().limit(limit)))
