"""Work to be done, kept in the database: the truth behind the queue's doorbell.

A row is written in the transaction that wants the work. Workers take rows under a lease with database time
and a fencing token; whoever lost the lease writes nothing. Redis may be flushed or killed at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.store.adding import add_new
from ordain.store.tables.work import OutboxRow

KEEP_DONE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Task:
    """One claimed row; `fence` proves the lease when its end is written."""

    id: str
    lane: str
    topic: str
    key: str
    payload: Mapping[str, Any]
    tries: int
    fence: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Work asked for; `key` is unique: asking twice for the same asks once."""

    topic: str
    key: str
    payload: Mapping[str, Any]
    lane: str = "normal"
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in one lane, and since when."""

    lane: str
    waiting: int
    oldest: datetime | None
    dead: int


def clock(conn: sa.Connection) -> datetime:
    """Return the database's time, the only one leases are measured by."""
    if conn.dialect.name == "sqlite":
        text = "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    else:
        text = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    milliseconds = conn.exec_driver_sql(text).scalar_one()
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(milliseconds=int(milliseconds))


def put(conn: sa.Connection, wanted: Sequence[Wanted]) -> int:
    """Ask for work; return how many rows are new (the others' keys were known)."""
    now = clock(conn)
    new = 0
    for item in wanted:
        row = {
            "id": new_id(),
            "lane": item.lane,
            "topic": item.topic,
            "key": item.key,
            "payload": dict(item.payload),
            "state": "waiting",
            "due_at": item.due_at or now,
            "created_at": now,
            "fence": 0,
            "tries": 0,
            "error": "",
        }
        new += add_new(conn, OutboxRow, ["key"], row)
    return new


def claim(conn: sa.Connection, lane: str, *, limit: int, lease: timedelta) -> list[Task]:
    """Take up to `limit` due rows of a lane, oldest first, those whose lease ran out included."""
    now = clock(conn)
    due = (
        sa.select(OutboxRow.id)
        .where(
            OutboxRow.lane == lane,
            sa.or_(
                sa.and_(OutboxRow.state == "waiting", OutboxRow.due_at <= now),
                sa.and_(OutboxRow.state == "leased", OutboxRow.lease_until <= now),
            ),
        )
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(conn.scalars(due))
    if not ids:
        return []
    rows = conn.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id.in_(ids))
        .values(state="leased", lease_until=now + lease, fence=OutboxRow.fence + 1, tries=OutboxRow.tries + 1)
        .returning(
            OutboxRow.id,
            OutboxRow.lane,
            OutboxRow.topic,
            OutboxRow.key,
            OutboxRow.payload,
            OutboxRow.tries,
            OutboxRow.fence,
        )
    )
    order = {key: place for place, key in enumerate(ids)}
    return sorted((Task(*row) for row in rows), key=lambda task: order[task.id])


def done(conn: sa.Connection, task: Task) -> bool:
    """Write that the task is done; False where the lease went to somebody else."""
    return _end(conn, task, state="done")


def again(conn: sa.Connection, task: Task, *, due_at: datetime, error: str) -> bool:
    """Give the task back for another try at `due_at`."""
    return _end(conn, task, state="waiting", due_at=due_at, error=error)


def bury(conn: sa.Connection, task: Task, *, error: str) -> bool:
    """Put the task aside as a dead letter: visible, replayable, never tried by itself."""
    return _end(conn, task, state="dead", error=error)


def replay(conn: sa.Connection, task_id: str) -> bool:
    """Give a dead letter another life."""
    return bool(
        conn.execute(
            sa.update(OutboxRow)
            .where(OutboxRow.id == task_id, OutboxRow.state == "dead")
            .values(state="waiting", due_at=clock(conn), tries=0, error="")
        ).rowcount
    )


def sweep(conn: sa.Connection) -> int:
    """Forget what was done longer ago than a day; return how many rows went."""
    return conn.execute(
        sa.delete(OutboxRow).where(OutboxRow.state == "done", OutboxRow.due_at < clock(conn) - KEEP_DONE)
    ).rowcount


def backlog(conn: sa.Connection) -> list[Backlog]:
    """Return what waits per lane."""
    open_ = sa.case((OutboxRow.state.in_(["waiting", "leased"]), 1))
    dead = sa.case((OutboxRow.state == "dead", 1))
    oldest = sa.case((OutboxRow.state.in_(["waiting", "leased"]), OutboxRow.due_at))
    rows = conn.execute(
        sa.select(OutboxRow.lane, sa.func.count(open_), sa.func.min(oldest), sa.func.count(dead))
        .where(OutboxRow.state != "done")
        .group_by(OutboxRow.lane)
        .order_by(OutboxRow.lane)
    )
    return [Backlog(*row) for row in rows]


def _end(conn: sa.Connection, task: Task, **values: Any) -> bool:
    return bool(
        conn.execute(
            sa.update(OutboxRow)
            .where(OutboxRow.id == task.id, OutboxRow.fence == task.fence, OutboxRow.state == "leased")
            .values(lease_until=None, **values)
        ).rowcount
    )
