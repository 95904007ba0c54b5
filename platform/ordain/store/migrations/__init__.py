"""Alembic migrations, one set for both databases; `upgrade` brings a database to the newest schema."""

from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from ordain.store.database import Database

_FOLDER: Final = Path(__file__).parent
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(7463001)")
_VERSION: Final = sa.text("SELECT version_num FROM alembic_version")


def upgrade(database: Database) -> None:
    """Bring the database to the newest schema; two at once both end well."""
    if is_current(database):
        return
    with database.write() as connection:
        bring(connection)


def bring(connection: sa.Connection, to: str = "head") -> None:
    """Bring the database of a transaction to a schema, the newest unless another is named."""
    from alembic import command  # a tenth of a second that only a new schema costs
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def revision(connection: sa.Connection) -> str:
    """Return the schema a database has."""
    return str(connection.scalar(_VERSION))


def is_current(database: Database) -> bool:
    """Tell whether the database has the newest schema."""
    try:
        with database.read() as connection:
            return revision(connection) == newest()
    except DatabaseError:
        return False  # no schema yet


@cache
def newest() -> str:
    """Return the newest revision: the number its file begins with."""
    return max(file.name[:4] for file in (_FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))
