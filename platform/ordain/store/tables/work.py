"""Work to be done and what was done: outbox, schedule, long work with progress."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, SealedText, Time


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
    """Long work that people watch: export, import, re-drive, reconciliation. Its result is kept for a while."""

    __tablename__ = "work"
    __table_args__ = (sa.Index("ix_work_owner", "owner", "id"), sa.Index("ix_work_started", "started_at"))
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(sa.String(32))
    subject: Mapped[Name]
    title: Mapped[JsonMap]  # in both languages
    owner: Mapped[Ref]  # the id of the person or token that asked
    asked_by: Mapped[Name]
    roles: Mapped[JsonList]  # those it was asked with: it never goes on with more
    ip: Mapped[str | None] = mapped_column(sa.String(64))
    request_id: Mapped[Name]
    permission: Mapped[str] = mapped_column(sa.String(255))  # asked anew of the owner whenever it goes on
    asked: Mapped[SealedText]
    state: Mapped[str] = mapped_column(sa.String(16))  # waiting | running | done | failed | cancelled
    stop: Mapped[bool]
    started_at: Mapped[Time]
    begun_at: Mapped[Time | None]
    finished_at: Mapped[Time | None]
    done: Mapped[int] = mapped_column(sa.BigInteger)
    total: Mapped[int | None] = mapped_column(sa.BigInteger)
    step: Mapped[int]  # whoever writes the next step must know how many there were
    tries: Mapped[int]  # how often the next step was begun and not ended
    place: Mapped[JsonMap]
    counts: Mapped[JsonMap]
    problems: Mapped[JsonList]
    file_name: Mapped[str] = mapped_column(sa.String(255))
    file_type: Mapped[str] = mapped_column(sa.String(128))
    file_size: Mapped[int] = mapped_column(sa.BigInteger)


class WorkPartRow(Base):
    """A piece of a file of long work, sealed: what came in, what is gathered, what goes out."""

    __tablename__ = "work_part"
    __table_args__ = (sa.PrimaryKeyConstraint("work_id", "file", "position"),)
    work_id: Mapped[Ref] = mapped_column(sa.ForeignKey("work.id", ondelete="CASCADE"))
    file: Mapped[str] = mapped_column(sa.String(16))
    position: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
