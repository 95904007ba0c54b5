"""What all tables share: the metadata with its naming convention, and the column types of the house.

Tables are declarative classes for their types' sake; queries are Core statements on Connections.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970 in both databases.

    One integer sorts, subtracts and compares alike in SQLite and PostgreSQL.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(milliseconds=value)


class Sealed(sa.types.TypeDecorator[str]):
    """Text that only the vault reads; refuses to store anything the vault has not sealed."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is not None and not value.startswith("v1."):
            raise ValueError("a protected column takes sealed text only")
        return value


Json: Final = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Id = Annotated[str, mapped_column(sa.String(32), primary_key=True)]
Name = Annotated[str, mapped_column(sa.String(128))]
Ref = Annotated[str, mapped_column(sa.String(32))]
Amount = Annotated[int, mapped_column(sa.BigInteger)]
Time = Annotated[datetime, mapped_column(Instant)]
JsonMap = Annotated[dict[str, Any], mapped_column(Json)]
JsonList = Annotated[list[Any], mapped_column(Json)]
SealedText = Annotated[str, mapped_column(Sealed)]


class Base(DeclarativeBase):
    """The one metadata; constraint names are the same in both databases."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def table_of(row: type[Base]) -> sa.Table:
    """Return the table of a row's class."""
    return cast("sa.Table", row.__table__)
