"""Files that people bring in: the import, the file, its rows waiting, what is wrong with them, what was learnt."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, JsonMap, Name, Ref, SealedText, Time


class ImportRow(Base):
    """One file on its way in. `into` names what its rows become, `work` the long work that goes on for it."""

    __tablename__ = "import_file"
    __table_args__ = (sa.Index("ix_import_file_owner", "owner", "id"),)
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int]
    owner: Mapped[Ref]
    stage: Mapped[str] = mapped_column(sa.String(16))  # reading | mapping | checking | ready | running | done
    into: Mapped[Name]
    layout: Mapped[JsonMap]  # how the file is written, its sheets, header and columns
    plan: Mapped[JsonMap]
    wish: Mapped[JsonMap]  # what the person chose at the end
    signature: Mapped[Ref]
    counts: Mapped[JsonMap]
    problems: Mapped[JsonList]
    rows: Mapped[int]
    version: Mapped[int]
    work: Mapped[Ref | None]
    created_at: Mapped[Time]
    updated_at: Mapped[Time]
    finished_at: Mapped[Time | None]


class ImportPieceRow(Base):
    """A piece of the file as it came."""

    __tablename__ = "import_piece"
    __table_args__ = (sa.PrimaryKeyConstraint("import_id", "position"),)
    import_id: Mapped[Ref] = mapped_column(sa.ForeignKey("import_file.id", ondelete="CASCADE"))
    position: Mapped[int]
    body: Mapped[bytes]


class ImportLineRow(Base):
    """One row of the file. `head` is the number of the first row of those it belongs with, `mark` what they share.

    `made` is what it would become, protected values sealed; `subject` the record it became or changed.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        sa.PrimaryKeyConstraint("import_id", "number"),
        sa.Index("ix_import_row_head", "import_id", "head", "number"),
        sa.Index("ix_import_row_fate", "import_id", "fate", "number"),
        sa.Index("ix_import_row_mark", "import_id", "mark", "number"),
    )
    import_id: Mapped[Ref] = mapped_column(sa.ForeignKey("import_file.id", ondelete="CASCADE"))
    number: Mapped[int]
    cells: Mapped[SealedText]
    faults: Mapped[SealedText | None]
    mark: Mapped[Ref | None]
    head: Mapped[int]
    fate: Mapped[str] = mapped_column(sa.String(16))  # waiting | new | changed | unchanged | bad | left
    made: Mapped[JsonMap | None]
    subject: Mapped[str | None] = mapped_column(sa.String(128))


class ImportFaultRow(Base):
    """What kind of problem a row has: rows with the same one are mended together. Holds no value, only its mark."""

    __tablename__ = "import_fault"
    __table_args__ = (
        sa.PrimaryKeyConstraint("import_id", "number", "place"),
        sa.Index("ix_import_fault_kind", "import_id", "column", "code", "value"),
    )
    import_id: Mapped[Ref] = mapped_column(sa.ForeignKey("import_file.id", ondelete="CASCADE"))
    number: Mapped[int]
    place: Mapped[int]
    column: Mapped[int]  # -1 where no column is to blame
    code: Mapped[str] = mapped_column(sa.String(64))
    value: Mapped[Ref]


class ImportKnownRow(Base):
    """A record that stands, by the mark of what tells it apart; gathered for one import and dropped with it."""

    __tablename__ = "import_known"
    __table_args__ = (sa.PrimaryKeyConstraint("import_id", "mark"),)
    import_id: Mapped[Ref] = mapped_column(sa.ForeignKey("import_file.id", ondelete="CASCADE"))
    mark: Mapped[Ref]
    record: Mapped[str] = mapped_column(sa.String(128))


class ImportHabitRow(Base):
    """How a file with this header was mapped the last time."""

    __tablename__ = "import_habit"
    __table_args__ = (sa.PrimaryKeyConstraint("signature", "into"),)
    signature: Mapped[Ref]
    into: Mapped[Name]
    plan: Mapped[JsonMap]
    used_at: Mapped[Time]
    used_by: Mapped[Name]
