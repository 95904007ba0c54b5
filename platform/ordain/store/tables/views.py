"""What readers keep of lists: filters, sort and columns under a name."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, Id, JsonList, Ref, Time


class SavedViewRow(Base):
    """One saved view of a list: its owner's alone, or everybody's once shared."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.Index("ix_saved_view_list", "list", "owner"),)
    id: Mapped[Id]
    list: Mapped[str] = mapped_column(sa.String(32))
    owner: Mapped[Ref]
    title: Mapped[str] = mapped_column(sa.String(64))
    query: Mapped[JsonList]  # the address's parts, as pairs
    columns: Mapped[JsonList]  # the keys of those shown; none means all
    shared: Mapped[bool]
    created_at: Mapped[Time]
