"""Running numbers."""

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.orders import CounterRow


def take(conn: sa.Connection, name: str, count: int) -> range:
    """Take the next `count` numbers of a counter, starting at 1; gaps appear where a transaction fails."""
    statement = (
        sa.update(CounterRow)
        .where(CounterRow.name == name)
        .values(value=CounterRow.value + count)
        .returning(CounterRow.value)
    )
    last = conn.execute(statement).scalar_one_or_none()
    if last is None:
        add_new(conn, CounterRow, ["name"], {"name": name, "value": 0})
        last = conn.execute(statement).scalar_one()
    return range(last - count + 1, last + 1)
