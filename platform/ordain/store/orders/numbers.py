"""Orders by the numbers that people write: ours, or their channel's."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from ordain.records.access import Access
from ordain.store.access import orders_seen
from ordain.store.tables.orders import OrderRow

_ROW = OrderRow.__table__


def own_fields_by_number(
    conn: sa.Connection, given: Access, numbers: Collection[str]
) -> dict[str, tuple[str, Mapping[str, Any]] | None]:
    """Return id and own fields of the orders this actor sees, by number; None where several channels use it."""
    if not numbers:
        return {}
    found: dict[str, tuple[str, Mapping[str, Any]] | None] = {}
    columns = (_ROW.c.id, _ROW.c.number, _ROW.c.external_id, _ROW.c.extra)
    for own in (_ROW.c.external_id, _ROW.c.number):  # our own number is the surer one
        rows = conn.execute(sa.select(*columns).where(own.in_(numbers), orders_seen(given))).mappings()
        for row in rows:
            key = row[own.name]
            twice = own is _ROW.c.external_id and key in found
            found[key] = None if twice else (row["id"], row["extra"] or {})
    return found
