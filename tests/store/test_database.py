import threading
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from ordain.store import counters, migrations
from ordain.store.database import Database
from ordain.store.migrations import is_current, newest, upgrade
from ordain.store.tables import metadata
from ordain.store.tables.orders import CounterRow


def test_no_update_is_lost_among_writers(database: Database) -> None:
    def write() -> None:
        for _ in range(20):
            with database.write() as conn:
                value = conn.scalar(sa.select(CounterRow.value).where(CounterRow.name == "n").with_for_update())
                conn.execute(sa.update(CounterRow).where(CounterRow.name == "n").values(value=(value or 0) + 1))

    with database.write() as conn:
        conn.execute(sa.insert(CounterRow).values(name="n", value=0))
    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.read() as conn:
        assert conn.scalar(sa.select(CounterRow.value).where(CounterRow.name == "n")) == 120


def test_running_numbers_begin_at_one(database: Database) -> None:
    with database.write() as conn:
        assert list(counters.take(conn, "order", 3)) == [1, 2, 3]
        assert list(counters.take(conn, "order", 1)) == [4]


def test_the_newest_file_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == newest()


def test_the_schema_is_that_of_the_tables_and_upgrading_again_changes_nothing(database: Database) -> None:
    upgrade(database)
    assert is_current(database)
    with database.read() as conn:
        found = sa.inspect(conn)
        assert set(metadata.tables) <= set(found.get_table_names())
        for name, table in metadata.tables.items():
            assert {column["name"] for column in found.get_columns(name)} == set(table.columns.keys()), name
            wanted = {index.name for index in table.indexes}
            assert wanted <= {index["name"] for index in found.get_indexes(name)}, name


def test_many_who_glance_at_once_share_a_few_connections(database: Database) -> None:
    answers: list[object] = []
    asking = [
        threading.Thread(target=lambda: answers.append(database.glance("SELECT 7 WHERE 1 = ?", (1,))))
        for _ in range(40)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert [tuple(answer) for answer in answers if isinstance(answer, tuple)] == [(7,)] * 40
    assert 1 <= len(database._glances._free) <= 8


def test_a_glance_sees_what_is_committed_and_outlives_a_broken_connection(database: Database) -> None:
    question = "SELECT value FROM counter WHERE name = ?"
    assert database.glance(question, ("n",)) is None
    with database.write() as conn:
        conn.execute(sa.insert(CounterRow).values(name="n", value=7))
        assert database.glance(question, ("n",)) is None
    assert tuple(database.glance(question, ("n",)) or ()) == (7,)
    for connection in database._glances._free:
        connection.close()
    assert tuple(database.glance(question, ("n",)) or ()) == (7,)
