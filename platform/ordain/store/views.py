"""Saved views of lists: each reader's own, and those shared with everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.tables.views import SavedViewRow

_TABLE: Final = SavedViewRow.__table__


@dataclass(frozen=True, slots=True)
class SavedView:
    """One saved view: `query` are the parts of the list's address, no `columns` means all of them."""

    id: str
    list: str
    owner: str
    title: str
    query: Sequence[tuple[str, str]]
    columns: Sequence[str]
    shared: bool


def add(conn: sa.Connection, view: SavedView, now: datetime) -> None:
    """Keep a new view."""
    values = {name: getattr(view, name) for name in SavedView.__slots__}
    values |= {"query": [list(pair) for pair in view.query], "columns": list(view.columns), "created_at": now}
    conn.execute(sa.insert(SavedViewRow).values(values))


def find(conn: sa.Connection, of: str, reader: str) -> list[SavedView]:
    """Return the views of a list that a reader sees, oldest first: their own and the shared."""
    seen = sa.or_(_TABLE.c.owner == reader, _TABLE.c.shared == sa.true())
    chosen = (
        sa.select(_TABLE)
        .where(_TABLE.c.list == of, _TABLE.c.title != "", seen)
        .order_by(_TABLE.c.created_at, _TABLE.c.id)
    )
    return [_view(row) for row in conn.execute(chosen).mappings()]


def get(conn: sa.Connection, view_id: str, reader: str) -> SavedView | None:
    """Return a view that a reader sees."""
    seen = sa.or_(_TABLE.c.owner == reader, _TABLE.c.shared == sa.true())
    row = conn.execute(sa.select(_TABLE).where(_TABLE.c.id == view_id, seen)).mappings().one_or_none()
    return _view(row) if row else None


def put(conn: sa.Connection, view: SavedView) -> None:
    """Write a view's name, whether it is shared, and what it shows."""
    values = {"title": view.title, "shared": view.shared, "columns": list(view.columns)}
    values |= {"query": [list(pair) for pair in view.query]}
    conn.execute(sa.update(SavedViewRow).where(_TABLE.c.id == view.id).values(values))


def columns(conn: sa.Connection, of: str, reader: str) -> Sequence[str]:
    """Return the columns a reader chose for a list; none where they never did."""
    own = sa.and_(_TABLE.c.list == of, _TABLE.c.owner == reader, _TABLE.c.title == "")
    return conn.scalar(sa.select(_TABLE.c.columns).where(own).limit(1)) or ()


def keep_columns(conn: sa.Connection, view: SavedView, now: datetime) -> None:
    """Remember the columns a reader chose for a list, in a view without a name."""
    own = sa.and_(_TABLE.c.list == view.list, _TABLE.c.owner == view.owner, _TABLE.c.title == "")
    conn.execute(sa.delete(SavedViewRow).where(own))
    if view.columns:
        add(conn, view, now)


def remove(conn: sa.Connection, view_id: str) -> None:
    """Forget a view."""
    conn.execute(sa.delete(SavedViewRow).where(_TABLE.c.id == view_id))


def _view(row: Any) -> SavedView:
    query = [(name, value) for name, value in row["query"]]
    return SavedView(
        row["id"], row["list"], row["owner"], row["title"], query, row["columns"], shared=bool(row["shared"])
    )
