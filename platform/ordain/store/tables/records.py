"""Records of the types that admins make for themselves, and what people have begun to write of any type."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonMap, Name, Ref, SealedText, Time


class RecordRow(Base):
    """One record of a form's type. Protected values stand sealed inside `data`; `words` is what a search looks in."""

    __tablename__ = "record"
    __table_args__ = (
        sa.Index("ix_record_type", "type", "created_at", "id"),
        sa.Index("ix_record_state", "type", "state", "created_at", "id"),
        sa.UniqueConstraint("type", "number"),
    )
    id: Mapped[Id]
    type: Mapped[Name]
    number: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[Name]
    data: Mapped[JsonMap]
    words: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int]
    created_at: Mapped[Time]
    created_by: Mapped[Name]
    updated_at: Mapped[Time]


class RecordDraftRow(Base):
    """What one person has written of a record and not saved yet; `record` is "" for a new one."""

    __tablename__ = "record_draft"
    __table_args__ = (sa.UniqueConstraint("person", "form", "record"),)
    id: Mapped[Id]
    person: Mapped[Ref]
    form: Mapped[Name]
    record: Mapped[Name]
    seen: Mapped[int]
    data: Mapped[SealedText]
    saved_at: Mapped[Time]
