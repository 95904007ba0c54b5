"""Scratch databases for simulations: made, used and thrown away beside the real one, never in it.

The tables here have no CHECK on purpose: they are what the product's own tables are compared with.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from ordain.store.database import Database

_TABLES: Final = sa.MetaData()
_STOCK: Final = sa.Table(
    "rush_stock",
    _TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("on_hand", sa.Integer, nullable=False),
    sa.Column("frozen", sa.Integer, nullable=False),
)
_ORDER: Final = sa.Table(
    "rush_order",
    _TABLES,
    sa.Column("buyer", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("paid", sa.Boolean, nullable=False),
)


class Scratch:
    """One place for throw-away databases: a folder on SQLite, a schema on PostgreSQL."""

    def __init__(self, real: Database, home: Path, name: str) -> None:
        self._real = real
        self._name = f"scratch_{name}"
        self._folder = home / "scratch" / name

    def open(self) -> Database:
        """Return one more connection pool to it, as a further instance of a service would have."""
        if self._real.dialect == "sqlite":
            return Database(f"sqlite:///{self._folder / 'rush.db'}")
        return Database(self._real.url.render_as_string(hide_password=False), schema=self._name)

    def begin(self) -> None:
        """Make the place."""
        if self._real.dialect == "sqlite":
            self._folder.mkdir(parents=True)
            return
        with self._real.write() as conn:
            conn.execute(sa.schema.CreateSchema(self._name))

    def end(self) -> None:
        """Throw it away."""
        if self._real.dialect == "sqlite":
            shutil.rmtree(self._folder, ignore_errors=True)
            return
        with self._real.write() as conn:
            conn.execute(sa.schema.DropSchema(self._name, cascade=True))


@contextlib.contextmanager
def scratch(real: Database, home: Path, name: str) -> Iterator[Scratch]:
    """Make a scratch place and throw it away in any case."""
    place = Scratch(real, home, name)
    place.begin()
    try:
        yield place
    finally:
        place.end()


def lay_out(conn: sa.Connection, stock: int) -> None:
    """Make the unguarded tables, with so much stock."""
    _TABLES.create_all(conn)
    conn.execute(sa.insert(_STOCK).values(id=1, on_hand=stock, frozen=0))


def available(conn: sa.Connection) -> int:
    """Return what is left by the counters."""
    return int(conn.scalar(sa.select(_STOCK.c.on_hand - _STOCK.c.frozen)) or 0)


def add(conn: sa.Connection, *, on_hand: int = 0, frozen: int = 0) -> None:
    """Change the counters, whatever they are."""
    changed = {"on_hand": _STOCK.c.on_hand + on_hand, "frozen": _STOCK.c.frozen + frozen}
    conn.execute(sa.update(_STOCK).values(changed))


def order(conn: sa.Connection, buyer: int) -> None:
    """Take an order."""
    conn.execute(sa.insert(_ORDER).values(buyer=buyer, paid=False))


def pay(conn: sa.Connection, buyer: int) -> None:
    """Mark an order paid."""
    conn.execute(sa.update(_ORDER).where(_ORDER.c.buyer == buyer).values(paid=True))


def sold(conn: sa.Connection) -> int:
    """Return how many orders were paid."""
    return int(conn.scalar(sa.select(sa.func.count()).where(_ORDER.c.paid == sa.true())) or 0)
