"""Indexes of fields in JSON columns: made for those that forms call searchable, dropped when they no longer do.

A field can be filtered and sorted by from the moment it is published; its index follows within seconds and only makes
that fast. On PostgreSQL it is built beside running work; on SQLite writers wait for as long as it takes.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.database import Database
from ordain.store.fields import is_sound, json_field

PREFIX: Final = "ix_own_"


@dataclass(frozen=True, slots=True)
class Indexed:
    """A field to find records by: where its rows stand, and the columns that come before and after it in the index."""

    name: str
    kind: str
    table: str
    column: sa.ColumnElement[Any]
    before: Sequence[str] = ()
    after: Sequence[str] = ("id",)


def keep(db: Database, wanted: Sequence[Indexed]) -> tuple[list[str], list[str]]:
    """Make the indexes there are be those that are wanted; return the names of those made and those dropped."""
    plans = dict(_plan(db, field) for field in wanted if is_sound(field.name))
    with _opened(db) as conn:
        standing = _standing(conn)
        gone = [name for name, sound in standing.items() if name not in plans or not sound]
        made = [name for name in plans if not standing.get(name)]
        for name in gone:
            conn.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
        for name in made:
            conn.exec_driver_sql(plans[name])
        for table in sorted({field.table for field in wanted}) if made else ():
            conn.exec_driver_sql(f"ANALYZE {table}")  # what an expression holds is known to planners only after this
    return made, gone


@contextlib.contextmanager
def _opened(db: Database) -> Iterator[sa.Connection]:
    """Open a transaction on SQLite; on PostgreSQL none, as building beside running work asks, and no time limit."""
    if db.dialect == "sqlite":
        with db.write() as conn:
            yield conn
        return
    with db.engine.connect() as raw:
        conn = raw.execution_options(isolation_level="AUTOCOMMIT")
        conn.exec_driver_sql("SET statement_timeout = 0")
        yield conn
        conn.exec_driver_sql("RESET statement_timeout")


def _plan(db: Database, field: Indexed) -> tuple[str, str]:
    expression = json_field(field.column, field.name, field.kind).compile(
        dialect=db.engine.dialect, compile_kwargs={"include_table": False, "literal_binds": True}
    )
    columns = ", ".join([*field.before, str(expression), *field.after])
    mark = hashlib.sha256(f"{field.table}|{columns}".encode()).hexdigest()[:8]
    name = f"{PREFIX}{field.table}_{field.name.lower()[:24]}_{mark}"
    beside = "CONCURRENTLY " if db.dialect == "postgresql" else ""
    return name, f"CREATE INDEX {beside}IF NOT EXISTS {name} ON {field.table} ({columns})"


def _standing(conn: sa.Connection) -> Mapping[str, bool]:
    """Return the indexes there are, and whether each is whole: one that broke off while it was built is not."""
    if conn.dialect.name == "sqlite":
        text = f"SELECT name, 1 FROM sqlite_master WHERE type = 'index' AND name LIKE '{PREFIX}%'"  # noqa: S608 our own
    else:
        text = (
            "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "  # noqa: S608 our own
            f"WHERE c.relname LIKE '{PREFIX}%%'"
        )
    return {name: bool(sound) for name, sound in conn.exec_driver_sql(text)}
