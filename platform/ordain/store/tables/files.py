"""Files that people upload: what is known of each; their content stands sealed outside the database."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, Name, SealedText, Time


class FileRow(Base):
    """One file. `key` opens its content; `form` and `record` say whose it is, "" while it belongs to none."""

    __tablename__ = "file"
    __table_args__ = (
        sa.Index("ix_file_record", "form", "record"),
        sa.Index("ix_file_loose", "loose_since"),
    )
    id: Mapped[Id]
    name: Mapped[SealedText]
    key: Mapped[SealedText]
    media: Mapped[Name]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    small: Mapped[bool]  # whether a small picture stands beside it
    owner: Mapped[Name]
    form: Mapped[Name]
    record: Mapped[Name]
    made_at: Mapped[Time]
    loose_since: Mapped[Time | None]
