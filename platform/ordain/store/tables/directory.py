"""Directories of people: how a feed stands, and what it tells of each person."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Name, SealedText, Time


class DirectoryRow(Base):
    """Where the feed of one directory stands; `alarm` says why it is stopped, "" while it runs."""

    __tablename__ = "directory"
    source: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    known: Mapped[int]
    listed: Mapped[int]
    last_try: Mapped[Time | None]
    last_success: Mapped[Time | None]
    alarm: Mapped[str] = mapped_column(sa.String(32))
    accepted: Mapped[bool]
    error: Mapped[str] = mapped_column(sa.Text)


class DirectoryPersonRow(Base):
    """What a directory tells of one of our people, sealed; `gone` where it deleted them."""

    __tablename__ = "directory_person"
    __table_args__ = (sa.Index("ix_directory_person_external", "source", "external_id"),)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[Name]
    external_id: Mapped[Name]
    active: Mapped[bool]
    gone: Mapped[bool]
    version: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[SealedText]
    modified_at: Mapped[Time]
