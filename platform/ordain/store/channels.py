"""Channel state and runs in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ordain.base.ids import new_id
from ordain.store.adding import add_new
from ordain.store.tables.channels import ChannelRunRow, ChannelStateRow


@dataclass(frozen=True, slots=True)
class ChannelState:
    """Where a channel's collector stands."""

    channel: str
    cursor: datetime | None = None
    next_due: datetime | None = None
    last_try: datetime | None = None
    last_success: datetime | None = None
    cause: str = ""
    error: str = ""
    failed: int = 0
    quiet: int = 0
    breaker: str = "closed"
    open_until: datetime | None = None
    files_seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One poll, file fetch, reconciliation or import."""

    channel: str
    kind: str
    started_at: datetime
    finished_at: datetime
    pages: int
    records: int
    counts: Mapping[str, int]
    cause: str = ""
    error: str = ""


def state(conn: sa.Connection, channel: str) -> ChannelState:
    """Return a channel's state; a channel never asked has the beginning's."""
    return states(conn).get(channel, ChannelState(channel))


def states(conn: sa.Connection) -> dict[str, ChannelState]:
    """Return every channel's state."""
    rows = conn.execute(sa.select(ChannelStateRow.__table__)).mappings()
    return {row["channel"]: ChannelState(**row) for row in rows}


def put_state(conn: sa.Connection, channel: str, **values: Any) -> None:
    """Write parts of a channel's state."""
    start = {"cause": "", "error": "", "failed": 0, "quiet": 0, "breaker": "closed", "files_seen": {}}
    add_new(conn, ChannelStateRow, ["channel"], {"channel": channel, **start})
    conn.execute(sa.update(ChannelStateRow).where(ChannelStateRow.channel == channel).values(**values))


def add_run(conn: sa.Connection, run: Run) -> None:
    """Remember a run."""
    values = {name: getattr(run, name) for name in Run.__slots__} | {"counts": dict(run.counts)}
    conn.execute(sa.insert(ChannelRunRow).values(id=new_id(), **values))


def runs(conn: sa.Connection, channel: str, *, limit: int = 50) -> Sequence[Run]:
    """Return a channel's last runs, newest first."""
    table = ChannelRunRow.__table__
    rows = conn.execute(
        sa.select(table).where(table.c.channel == channel).order_by(table.c.id.desc()).limit(limit)
    ).mappings()
    return [Run(**{name: row[name] for name in Run.__slots__}) for row in rows]


def errors_since(conn: sa.Connection, since: datetime) -> dict[str, tuple[int, int]]:
    """Return failed and all runs per channel since a moment."""
    row = ChannelRunRow
    failed = sa.func.count(sa.case((row.cause != "", 1)))
    rows = conn.execute(
        sa.select(row.channel, failed, sa.func.count()).where(row.started_at >= since).group_by(row.channel)
    )
    return {channel: (bad, total) for channel, bad, total in rows}
