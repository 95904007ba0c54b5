"""What is known of outside systems: how their targets stand, answers kept for bad times, notices and their fate."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, Name, Sealed, SealedText, Time


class TargetRow(Base):
    """One target of a connector: its breaker, and how its latest calls went."""

    __tablename__ = "connector_target"
    __table_args__ = (sa.PrimaryKeyConstraint("connector", "target"),)
    connector: Mapped[Name]
    target: Mapped[Name]
    state: Mapped[str] = mapped_column(sa.String(16))  # closed | open | half-open
    open_until: Mapped[Time | None]
    since: Mapped[Time | None]
    calls: Mapped[int]
    failures: Mapped[int]
    slow: Mapped[int]
    milliseconds: Mapped[int]
    last_try: Mapped[Time | None]
    last_success: Mapped[Time | None]
    cause: Mapped[str] = mapped_column(sa.String(32))
    error: Mapped[str] = mapped_column(sa.Text)


class KeptCallRow(Base):
    """The newest good answer of an operation to one question, for when nobody answers; sealed."""

    __tablename__ = "kept_call"
    __table_args__ = (sa.PrimaryKeyConstraint("connector", "operation", "question"),)
    connector: Mapped[Name]
    operation: Mapped[Name]
    question: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[SealedText]
    at: Mapped[Time]


class NoticeRow(Base):
    """One notice to one address, and what became of it. `address` and `facts` are sealed; `facts` goes when it may."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.Index("ix_notice_subject", "subject", "id"),
        sa.Index("ix_notice_state", "state", "id"),
    )
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(sa.String(255))
    notice: Mapped[Name]
    version: Mapped[int]
    subject: Mapped[Name]
    by: Mapped[str] = mapped_column(sa.String(16))  # sms | mail | "" where there is no address
    connector: Mapped[Name]
    address: Mapped[str | None] = mapped_column(Sealed)
    shown: Mapped[str] = mapped_column(sa.String(128))
    language: Mapped[str] = mapped_column(sa.String(8))
    facts: Mapped[str | None] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(sa.String(16))  # waiting | sending | sent | failed
    cause: Mapped[str] = mapped_column(sa.String(32))
    error: Mapped[str] = mapped_column(sa.Text)
    tries: Mapped[int]
    receipt: Mapped[str] = mapped_column(sa.String(128))
    created_at: Mapped[Time]
    tried_at: Mapped[Time | None]
    sent_at: Mapped[Time | None]
