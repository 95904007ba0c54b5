"""Stock: what is where, what is promised, and every change of it.

The CHECKs make selling twice impossible whatever the code does. `reserved` is a counter, never summed in the hot path;
`open_quantity` of the lines and the movements are what it and `on_hand` are proved by.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, Time

_OPEN = sa.text("open_quantity > 0")
_HELD = sa.text("state = 'held'")
_ORDERED = sa.text("order_id IS NOT NULL")


class BundlePartRow(Base):
    """What a bundle is made of: selling the bundle takes `quantity` of each part."""

    __tablename__ = "bundle_part"
    __table_args__ = (
        sa.PrimaryKeyConstraint("bundle", "sku"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.CheckConstraint("bundle <> sku", name="itself"),
    )
    bundle: Mapped[Name] = mapped_column(sa.ForeignKey("sku.sku", ondelete="CASCADE"))
    sku: Mapped[Name] = mapped_column(sa.ForeignKey("sku.sku", ondelete="CASCADE"))
    quantity: Mapped[int]


class PoolRow(Base):
    """Where stock lies: a warehouse, a shop, the shelf of what came back."""

    __tablename__ = "stock_pool"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    title_zh: Mapped[str] = mapped_column(sa.Text)
    title_en: Mapped[str] = mapped_column(sa.Text)


class StockRow(Base):
    """The level of one SKU in one pool. `version` grows with every change: an old push never beats a new one."""

    __tablename__ = "stock"
    __table_args__ = (
        sa.PrimaryKeyConstraint("sku", "pool"),
        sa.CheckConstraint("reserved >= 0", name="reserved"),
        sa.CheckConstraint("on_hand - reserved >= -backorder_limit", name="sold_once"),
        sa.CheckConstraint("safety >= 0 AND backorder_limit >= 0", name="limits"),
        sa.Index("ix_stock_id", "id"),
        {"postgresql_with": {"fillfactor": 50}},
    )
    id: Mapped[str | None] = mapped_column(sa.String(193), sa.Computed("sku || '@' || pool"))
    sku: Mapped[Name]
    pool: Mapped[str] = mapped_column(sa.String(64))
    on_hand: Mapped[int] = mapped_column(sa.BigInteger)
    reserved: Mapped[int] = mapped_column(sa.BigInteger)
    safety: Mapped[int] = mapped_column(sa.BigInteger)
    backorder_limit: Mapped[int] = mapped_column(sa.BigInteger)
    available: Mapped[int | None] = mapped_column(sa.BigInteger, sa.Computed("on_hand - reserved - safety"))
    version: Mapped[int] = mapped_column(sa.BigInteger)
    changed_at: Mapped[Time]
    extra: Mapped[JsonMap] = mapped_column(server_default="{}")
    edition: Mapped[int] = mapped_column(server_default="1")  # of the business's own fields


class ReservationRow(Base):
    """One promise of stock, for an order or by the caller's own reference, which is unique: asked twice, made once."""

    __tablename__ = "reservation"
    __table_args__ = (
        sa.UniqueConstraint("reference"),
        sa.Index("ix_reservation_due", "expires_at", sqlite_where=_HELD, postgresql_where=_HELD),
        sa.Index("ix_reservation_order", "order_id", "id", sqlite_where=_ORDERED, postgresql_where=_ORDERED),
    )
    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(sa.String(255))
    state: Mapped[str] = mapped_column(sa.String(16))  # held | committed | released | expired | shipped
    order_id: Mapped[Ref | None]
    channel: Mapped[Name]
    priority: Mapped[str] = mapped_column(sa.String(16))
    lines: Mapped[JsonList]  # what was asked, and from which pools it is taken
    policy: Mapped[Name]
    policy_version: Mapped[int]
    asked_hash: Mapped[str] = mapped_column(sa.String(64))
    asked_by: Mapped[Name]
    expires_at: Mapped[Time | None]
    created_at: Mapped[Time]
    changed_at: Mapped[Time]


class ReservationLineRow(Base):
    """What a reservation takes of one SKU in one pool; `open_quantity` is what of it still counts as reserved."""

    __tablename__ = "reservation_line"
    __table_args__ = (
        sa.PrimaryKeyConstraint("reservation_id", "sku", "pool"),
        sa.CheckConstraint("open_quantity >= 0 AND open_quantity <= quantity", name="open"),
        sa.Index("ix_reservation_line_open", "sku", "pool", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    reservation_id: Mapped[Ref] = mapped_column(sa.ForeignKey("reservation.id", ondelete="CASCADE"))
    sku: Mapped[Name]
    pool: Mapped[str] = mapped_column(sa.String(64))
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    open_quantity: Mapped[int] = mapped_column(sa.BigInteger)


class MovementRow(Base):
    """One change of what is on hand; the level is the sum of them. `key` makes a repeated one count once."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.Index("ix_stock_movement_sku", "sku", "pool", "id"),
    )
    id: Mapped[Id]
    at: Mapped[Time]
    sku: Mapped[Name]
    pool: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(16))  # receive | ship | adjust | return | count
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    on_hand: Mapped[int] = mapped_column(sa.BigInteger)  # after it
    reason: Mapped[str] = mapped_column(sa.Text)
    actor: Mapped[Name]
    reservation_id: Mapped[Ref | None]
    order_id: Mapped[Ref | None]
    key: Mapped[str | None] = mapped_column(sa.String(255))
    extra: Mapped[JsonMap] = mapped_column(server_default="{}")
    edition: Mapped[int] = mapped_column(server_default="1")
