"""The stock proof: levels against what they must be the sums of."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

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


def standings(
    conn: sa.Connection, *, sku: str | None = None, drifted: bool = False, after: str = "", limit: int | None = None
) -> list[Standing]:
    """Return levels with their sums, by SKU: all, those of one SKU, or those that drifted."""
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
    ).where(_STOCK.sku > after)
    if sku is not None:
        sums = sums.where(_STOCK.sku == sku)
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
