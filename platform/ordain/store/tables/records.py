"""Records of the types that admins make for themselves."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonMap, Name, Time


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
