"""Running numbers: sequences on PostgreSQL, where a row would make every writer wait for another's commit."""

from collections.abc import Sequence
from typing import Final, Literal

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.orders import CounterRow

Counter = Literal["order"]

_SEQUENCE: Final = sa.text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :wanted)")
_ROW: Final = (
    sa.update(CounterRow)
    .where(CounterRow.name == sa.bindparam("counter"))
    .values(value=CounterRow.value + sa.bindparam("wanted"))
    .returning(CounterRow.value)
)


def take(conn: sa.Connection, name: Counter, count: int) -> Sequence[int]:
    """Take the next `count` numbers of a counter, starting at 1; gaps appear where a transaction fails."""
    if conn.dialect.name == "postgresql":
        return list(conn.scalars(_SEQUENCE, {"sequence": f"counter_{name}", "wanted": count}))
    asked = {"counter": name, "wanted": count}
    last = conn.execute(_ROW, asked).scalar_one_or_none()
    if last is None:
        add_new(conn, CounterRow, ["name"], {"name": name, "value": 0})
        last = conn.execute(_ROW, asked).scalar_one()
    return range(last - count + 1, last + 1)
