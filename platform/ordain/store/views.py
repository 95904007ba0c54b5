"""Saved views of lists: each reader's own, and those shared with everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
    chosen = sa.select(_TABLE).where(_TABLE.c.list == of, seen).order_by(_TABLE.c.created_at, _TABLE.c.id)
    return [
        SavedView(
            row["id"], row["list"], row["owner"], row["title"],
            [(name, value) for name, value in row["query"]], row["columns"], bool(row["shared"]),
        )
        for row in conn.execute(chosen).mappings()
    ]  # fmt: skip


def change(conn: sa.Connection, view_id: str, *, title: str, shared: bool) -> None:
    """Give a view another name, and share it or keep it to its owner."""
    conn.execute(sa.update(SavedViewRow).where(_TABLE.c.id == view_id).values(title=title, shared=shared))


def remove(conn: sa.Connection, view_id: str) -> None:
    """Forget a view."""
    conn.execute(sa.delete(SavedViewRow).where(_TABLE.c.id == view_id))
