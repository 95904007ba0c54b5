"""What people corrected in messages that waited for repair; the raw messages stay as they came."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from ordain.store.tables.base import Base, Id, Name, SealedText, Time


class RepairRow(Base):
    """The corrections of one message. `revision` counts them up; channel and external id find later messages."""

    __tablename__ = "repair"
    __table_args__ = (sa.Index("ix_repair_record", "channel", "external_id"),)
    message_id: Mapped[Id]
    channel: Mapped[Name]
    external_id: Mapped[Name]
    revision: Mapped[int]
    at: Mapped[Time]
    by: Mapped[Name]
    content: Mapped[SealedText]
