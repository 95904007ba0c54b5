"""What channels were told of our stock, and how their hearing of it goes."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Name, Time


class StockPushRow(Base):
    """The newest number of one SKU that a channel took; `version` only grows."""

    __tablename__ = "stock_push"
    __table_args__ = (sa.PrimaryKeyConstraint("channel", "sku"), sa.Index("ix_stock_push_at", "channel", "pushed_at"))
    channel: Mapped[Name]
    sku: Mapped[Name]
    version: Mapped[int] = mapped_column(sa.BigInteger)
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    held_back: Mapped[int]
    per_day: Mapped[int] = mapped_column(sa.BigInteger)  # units the channel sold in the day before they were counted
    lag_ms: Mapped[int] = mapped_column(sa.BigInteger)
    pushed_at: Mapped[Time]


class StockFeedRow(Base):
    """How the stock of one channel is pushed; `turn_until` is the lease of whoever pushes now."""

    __tablename__ = "stock_feed"
    channel: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    turn_until: Mapped[Time | None]
    last_try: Mapped[Time | None]
    last_success: Mapped[Time | None]
    last_full: Mapped[Time | None]
    counted_at: Mapped[Time | None]
    cause: Mapped[str] = mapped_column(sa.String(32))
    error: Mapped[str] = mapped_column(sa.Text)
