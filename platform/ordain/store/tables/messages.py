"""Raw messages from channels: what came, exactly as it came, and what became of it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, SealedText, Time


class MessageRow(Base):
    """One message; unique by channel and event id, so that a repeated delivery changes nothing."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("channel", "event_id"),
        sa.Index("ix_message_state", "state", "received_at", "id"),
        sa.Index("ix_message_order", "order_id", "received_at"),
        sa.Index("ix_message_channel", "channel", "received_at"),
    )
    id: Mapped[Id]
    channel: Mapped[Name]
    source: Mapped[str] = mapped_column(sa.String(16))
    event_id: Mapped[Name]
    topic: Mapped[Name]
    record: Mapped[str] = mapped_column(sa.String(32))
    external_id: Mapped[Name]
    received_at: Mapped[Time]
    processed_at: Mapped[Time | None]
    state: Mapped[str] = mapped_column(sa.String(16))
    problems: Mapped[JsonList]
    order_id: Mapped[Ref | None]
    mapping: Mapped[Name]
    mapping_version: Mapped[int | None]
    tries: Mapped[int]
    size: Mapped[int]
    headers: Mapped[JsonMap]
    raw: Mapped[SealedText]
