"""The keys that seal protected values, wrapped; and how far it is to have all values sealed with today's."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Base, JsonList, Ref, SealedText, Time

_CURRENT = sa.text("state = 'current'")


class DataKeyRow(Base):
    """A data key, wrapped by the key-encryption key of the key file; a retired one is wrapped no more: it is gone."""

    __tablename__ = "data_key"
    __table_args__ = (
        sa.Index("ux_data_key_current", "state", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    )
    kid: Mapped[Ref] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(16))  # current | old | retired
    wrapped: Mapped[SealedText | None]
    made_at: Mapped[Time]
    left_at: Mapped[Time | None]
    retired_at: Mapped[Time | None]


class ResealRow(Base):
    """How far the values of one column are sealed with today's key; `cursor` is the row looked at last."""

    __tablename__ = "reseal"
    place: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    cursor: Mapped[JsonList | None]
    done: Mapped[int] = mapped_column(sa.BigInteger)
    broken: Mapped[int] = mapped_column(sa.BigInteger)
    finished_at: Mapped[Time | None]
