"""What comes round: schedule rows, and the tick that turns due ones into outbox rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ordain.store import outbox
from ordain.store.adding import add_new
from ordain.store.tables.base import Instant
from ordain.store.tables.work import ScheduleRow


@dataclass(frozen=True, slots=True)
class Round:
    """Something that comes round every so many seconds."""

    key: str
    topic: str
    payload: Mapping[str, Any]
    every_seconds: int
    lane: str = "normal"


def put(conn: sa.Connection, rounds: Sequence[Round]) -> None:
    """Make the schedule hold exactly these rounds; those already there keep their time."""
    now = outbox.clock(conn)
    known = dict(conn.execute(sa.select(ScheduleRow.key, ScheduleRow.every_seconds)).all())
    gone = set(known) - {item.key for item in rounds}
    if gone:
        conn.execute(sa.delete(ScheduleRow).where(ScheduleRow.key.in_(gone)))
    for item in rounds:
        values = {
            "lane": item.lane,
            "topic": item.topic,
            "payload": dict(item.payload),
            "every_seconds": item.every_seconds,
        }
        if item.key not in known:
            add_new(conn, ScheduleRow, ["key"], {"key": item.key, "due_at": now, "turn": 0, **values})
            continue
        if known[item.key] != item.every_seconds:
            sooner = now + timedelta(seconds=item.every_seconds)
            values["due_at"] = sa.case(
                (ScheduleRow.due_at > sooner, sa.literal(sooner, Instant)), else_=ScheduleRow.due_at
            )
        conn.execute(sa.update(ScheduleRow).where(ScheduleRow.key == item.key).values(values))


def next_due(conn: sa.Connection, key: str, due_at: datetime) -> None:
    """Move the next turn of one round, sooner or later."""
    conn.execute(sa.update(ScheduleRow).where(ScheduleRow.key == key).values(due_at=due_at))


def tick(conn: sa.Connection, *, limit: int = 100) -> set[str]:
    """Ask for all that is due, once each; return the lanes whose doorbell to ring."""
    now = outbox.clock(conn)
    due = conn.execute(
        sa.select(ScheduleRow)
        .where(ScheduleRow.due_at <= now)
        .order_by(ScheduleRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    lanes = set()
    for row in due.all():
        key = f"{row.key}#{row.turn + 1}"
        outbox.put(conn, [outbox.Wanted(row.topic, key, row.payload | {"turn": row.turn + 1}, lane=row.lane)])
        conn.execute(
            sa.update(ScheduleRow)
            .where(ScheduleRow.key == row.key)
            .values(due_at=now + timedelta(seconds=row.every_seconds), turn=row.turn + 1)
        )
        lanes.add(row.lane)
    return lanes
