"""Records of the types that admins make: all of them in one table, their fields whole in its JSON column."""

from functools import lru_cache

from ordain.store.shelves.shelf import Shelf
from ordain.store.tables.base import table_of
from ordain.store.tables.records import RecordRow


@lru_cache(maxsize=512)
def own_shelf(key: str) -> Shelf:
    """Return where the records of an admin's form stand."""
    table = table_of(RecordRow)
    row = table.c
    return Shelf(
        key,
        table,
        row.id,
        row.data,
        row.version,
        row.number,
        row.created_at,
        row.updated_at,
        number=row.number,
        state=row.state,
        created_by=row.created_by,
        words=row.words,
        type=(row.type, key),
    )
