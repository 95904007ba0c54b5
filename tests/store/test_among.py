"""One statement for any number of values finds its index."""

import sqlalchemy as sa

from ordain.store.among import among
from ordain.store.database import Database
from ordain.store.tables.base import table_of
from ordain.store.tables.stock import ReservationRow

ROW = table_of(ReservationRow)
CHOSEN = sa.select(ROW.c.id).where(among(ROW.c.reference, "references"))


def test_the_text_is_the_same_for_any_number(database: Database) -> None:
    with database.read() as conn:
        for number in (0, 1, 50):
            assert conn.execute(CHOSEN, {"references": [f"r{n}" for n in range(number)]}).all() == []
    assert len({str(CHOSEN.compile(database.engine)) for _ in range(2)}) == 1


def test_it_is_looked_up_and_never_scanned(database: Database) -> None:
    text = str(CHOSEN.compile(database.engine))
    with database.read() as conn:
        if database.dialect == "sqlite":
            plan = " ".join(str(row[3]) for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[]",)))
            assert "SEARCH reservation USING" in plan
        else:
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is scanned for good reason
            values = {"references": ["r1", "r2"]}
            plan = " ".join(str(row[0]) for row in conn.exec_driver_sql(f"EXPLAIN {text}", values))
            assert "Index Cond: ((reference)" in plan
