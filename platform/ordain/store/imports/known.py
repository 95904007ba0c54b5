"""Records that stand, by the mark of what tells them apart; gathered for one import and dropped with it."""

from collections.abc import Collection, Mapping
from typing import Final

import sqlalchemy as sa

from ordain.store.tables.imports import ImportKnownRow

_KNOWN: Final = ImportKnownRow.__table__


def add(conn: sa.Connection, import_id: str, marks: Mapping[str, str]) -> None:
    """Keep the marks of records that stand; the first with a mark is the one."""
    new = set(marks) - set(find(conn, import_id, marks))
    if new:
        conn.execute(
            sa.insert(ImportKnownRow),
            [{"import_id": import_id, "mark": mark, "record": marks[mark]} for mark in sorted(new)],
        )


def find(conn: sa.Connection, import_id: str, marks: Collection[str]) -> dict[str, str]:
    """Return the records that stand for these marks."""
    chosen = sa.select(_KNOWN.c.mark, _KNOWN.c.record).where(_KNOWN.c.import_id == import_id, _KNOWN.c.mark.in_(marks))
    return dict(conn.execute(chosen).all())


def forget(conn: sa.Connection, import_id: str) -> None:
    """Forget the records that stood."""
    conn.execute(sa.delete(ImportKnownRow).where(ImportKnownRow.import_id == import_id))
