"""What a channel's collector knows: where it stands, how the last tries went, its runs."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonMap, Name, Time


class ChannelStateRow(Base):
    """The state of one channel's collector, and of its breaker."""

    __tablename__ = "channel_state"
    channel: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    cursor: Mapped[Time | None]
    next_due: Mapped[Time | None]
    last_try: Mapped[Time | None]
    last_success: Mapped[Time | None]
    cause: Mapped[str] = mapped_column(sa.String(32), default="")  # of the last failure, "" while all is well
    error: Mapped[str] = mapped_column(sa.Text, default="")
    failed: Mapped[int] = mapped_column(default=0)  # in a row
    quiet: Mapped[int] = mapped_column(default=0)  # polls without news in a row
    breaker: Mapped[str] = mapped_column(sa.String(16), default="closed")  # closed | open | half-open
    open_until: Mapped[Time | None]
    files_seen: Mapped[JsonMap] = mapped_column(default=dict)


class ChannelRunRow(Base):
    """One poll, reconciliation or import, with what it brought."""

    __tablename__ = "channel_run"
    __table_args__ = (sa.Index("ix_channel_run_channel", "channel", "id"),)
    id: Mapped[Id]
    channel: Mapped[Name]
    kind: Mapped[str] = mapped_column(sa.String(16))  # poll | file | reconcile | import
    started_at: Mapped[Time]
    finished_at: Mapped[Time]
    pages: Mapped[int]
    records: Mapped[int]
    counts: Mapped[JsonMap]
    cause: Mapped[str] = mapped_column(sa.String(32))
    error: Mapped[str] = mapped_column(sa.Text)
