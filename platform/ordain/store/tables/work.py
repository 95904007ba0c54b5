"""Work to be done and what was done: outbox, schedule, long work with progress."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonMap, Name, Time


class OutboxRow(Base):
    """One piece of work, written in the transaction that wants it; `key` makes asking twice ask once."""

    __tablename__ = "outbox"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.Index("ix_outbox_due", "lane", "state", "due_at"),
    )
    id: Mapped[Id]
    lane: Mapped[Name]
    topic: Mapped[Name]
    key: Mapped[str] = mapped_column(sa.String(255))
    payload: Mapped[JsonMap]
    state: Mapped[str] = mapped_column(sa.String(16))  # waiting | leased | done | dead
    due_at: Mapped[Time]
    created_at: Mapped[Time]
    lease_until: Mapped[Time | None]
    fence: Mapped[int]
    tries: Mapped[int]
    error: Mapped[str] = mapped_column(sa.Text)


class ScheduleRow(Base):
    """Something that comes round: when due, the tick puts its topic into the outbox."""

    __tablename__ = "schedule"
    __table_args__ = (sa.Index("ix_schedule_due", "due_at"),)
    key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    lane: Mapped[Name]
    topic: Mapped[Name]
    payload: Mapped[JsonMap]
    every_seconds: Mapped[int]
    due_at: Mapped[Time]
    turn: Mapped[int] = mapped_column(sa.BigInteger)


class WorkRow(Base):
    """Long work that people watch: import, re-drive, reconciliation. Its result is kept."""

    __tablename__ = "work"
    __table_args__ = (sa.Index("ix_work_kind", "kind", "started_at"),)
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(32))
    subject: Mapped[Name]
    asked_by: Mapped[Name]
    started_at: Mapped[Time]
    finished_at: Mapped[Time | None]
    state: Mapped[str] = mapped_column(sa.String(16))  # running | done | failed | cancelled
    done: Mapped[int]
    total: Mapped[int | None]
    result: Mapped[JsonMap]
