"""Adding a row unless it is there, the same on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa


def add_new(conn: sa.Connection, table: Any, unique: Sequence[str], values: Mapping[str, Any]) -> bool:
    """Insert a row; False where one with the same `unique` columns was there already."""
    if conn.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite as dialect
    else:
        from sqlalchemy.dialects import postgresql as dialect  # type: ignore[no-redef] # the same two names of either

    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(unique)).values(**values)
    # Without this option an INSERT's count is not kept on every driver.
    return conn.execute(statement, execution_options={"preserve_rowcount": True}).rowcount > 0
