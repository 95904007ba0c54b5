from datetime import timedelta

import sqlalchemy as sa

from ordain.store import outbox, schedule
from ordain.store.database import Database
from ordain.store.outbox import Wanted
from ordain.store.schedule import Round
from ordain.store.tables.work import OutboxRow, ScheduleRow

LEASE = timedelta(seconds=60)


def put(database: Database, *keys: str) -> None:
    with database.write() as conn:
        assert outbox.put(conn, [Wanted("topic", key, {}) for key in keys]) == len(set(keys))


def claim(database: Database, limit: int = 10) -> list[outbox.Task]:
    with database.write() as conn:
        return outbox.claim(conn, "normal", limit=limit, lease=LEASE)


def test_asking_twice_asks_once(database: Database) -> None:
    put(database, "a", "a")
    assert [task.key for task in claim(database)] == ["a"]


def test_a_claimed_task_is_nobody_elses(database: Database) -> None:
    put(database, "a", "b")
    assert [task.key for task in claim(database, 1)] == ["a"]
    assert [task.key for task in claim(database)] == ["b"]


def test_a_lease_that_ran_out_is_taken_over_and_the_first_holder_writes_nothing(database: Database) -> None:
    put(database, "a")
    first = claim(database)[0]
    with database.write() as conn:
        conn.execute(sa.update(OutboxRow).values(lease_until=outbox.clock(conn) - LEASE))
    second = claim(database)[0]
    assert second.fence == first.fence + 1
    with database.write() as conn:
        assert not outbox.done(conn, first)
        assert outbox.done(conn, second)


def test_a_dead_letter_is_visible_and_can_live_again(database: Database) -> None:
    put(database, "a")
    task = claim(database)[0]
    with database.write() as conn:
        outbox.bury(conn, task, error="no")
    assert claim(database) == []
    with database.write() as conn:
        assert outbox.backlog(conn)[0].dead == 1
        outbox.replay(conn, task.id)
    assert len(claim(database)) == 1


def test_what_is_due_is_asked_for_once_each_round(database: Database) -> None:
    with database.write() as conn:
        schedule.put(conn, [Round("poll:a", "channel.poll", {"channel": "a"}, 300)])
        assert schedule.tick(conn) == {"normal"}
        assert schedule.tick(conn) == set()
        schedule.next_due(conn, "poll:a", outbox.clock(conn))
        assert schedule.tick(conn) == {"normal"}
    assert [task.key for task in claim(database)] == ["poll:a#1", "poll:a#2"]


def test_the_schedule_follows_what_it_is_told(database: Database) -> None:
    with database.write() as conn:
        schedule.put(conn, [Round("a", "t", {}, 300), Round("b", "t", {}, 300)])
        schedule.put(conn, [Round("b", "t", {}, 10)])
        rows = conn.execute(sa.select(ScheduleRow.key, ScheduleRow.every_seconds)).all()
    assert [tuple(row) for row in rows] == [("b", 10)]
