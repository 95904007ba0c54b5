"""How the channels are doing, measured: what came in and how fast, what waits, what failed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Final

import sqlalchemy as sa

from ordain.store.tables.messages import MessageRow
from ordain.store.tables.orders import OrderRow

MINUTES: Final = 60
DAY: Final = timedelta(hours=24)
_MINUTE_MS: Final = 60_000
_SAMPLE: Final = 300


@dataclass(frozen=True, slots=True)
class Measured:
    """One channel: orders of the last 24 hours and of each of the last 60 minutes (oldest first), its delays.

    `median` and `p95` are seconds from placed to in the hub; `unread` messages wait to be read.
    """

    day: int = 0
    minutes: tuple[int, ...] = (0,) * MINUTES
    last_order: datetime | None = None
    median: float | None = None
    p95: float | None = None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class House:
    """All channels together; `received` is the 95th percentile in seconds from received to in the hub."""

    channels: Mapping[str, Measured] = field(default_factory=dict)
    received: float | None = None
    placed: float | None = None

    @property
    def day(self) -> int:
        """Orders of the last 24 hours."""
        return sum(channel.day for channel in self.channels.values())


def measure(conn: sa.Connection, keys: list[str], now: datetime) -> House:
    """Measure these channels."""
    days, minutes, unread = _days(conn, now), _minutes(conn, now), _unread(conn)
    gaps = {key: _delays(conn, key, now) for key in keys}
    channels = {
        key: Measured(
            days.get(key, 0),
            tuple(minutes.get(key, Counter())[place] for place in range(MINUTES)),
            _last_order(conn, key),
            median(gaps[key]) if gaps[key] else None,
            _p95(gaps[key]),
            unread.get(key, 0),
        )
        for key in keys
    }
    every = [gap for found in gaps.values() for gap in found]
    return House(channels, _received(conn, now), median(every) if every else None)


def _days(conn: sa.Connection, now: datetime) -> dict[str, int]:
    row = OrderRow.__table__.c
    chosen = sa.select(row.channel, sa.func.count()).where(row.received_at >= now - DAY).group_by(row.channel)
    return dict(conn.execute(chosen).all())


def _minutes(conn: sa.Connection, now: datetime) -> dict[str, Counter[int]]:
    """Return orders per channel and minute, minute 59 being the running one."""
    row = OrderRow.__table__.c
    received = sa.type_coerce(row.received_at, sa.BigInteger)
    begin = now - timedelta(minutes=MINUTES)
    start = int(begin.timestamp() * 1000)
    minute = (received - start) // _MINUTE_MS
    chosen = (
        sa.select(row.channel, minute, sa.func.count()).where(row.received_at >= begin).group_by(row.channel, minute)
    )
    found: dict[str, Counter[int]] = {}
    for channel, place, count in conn.execute(chosen):
        found.setdefault(channel, Counter())[min(int(place), MINUTES - 1)] += count
    return found


def _unread(conn: sa.Connection) -> dict[str, int]:
    row = MessageRow.__table__.c
    chosen = sa.select(row.channel, sa.func.count()).where(row.state == "received").group_by(row.channel)
    return dict(conn.execute(chosen).all())


def _last_order(conn: sa.Connection, key: str) -> datetime | None:
    row = MessageRow.__table__.c
    chosen = sa.select(row.received_at).where(row.channel == key, row.order_id.is_not(None), row.record == "order")
    return conn.scalar(chosen.order_by(row.received_at.desc()).limit(1))


def _delays(conn: sa.Connection, key: str, now: datetime) -> list[float]:
    row, message = OrderRow.__table__.c, MessageRow.__table__.c
    # Orders from before the channel was connected are history, not delay.
    connected = sa.select(sa.func.min(message.received_at)).where(message.channel == key).scalar_subquery()
    chosen = (
        sa.select(row.received_at, row.placed_at)
        .where(row.channel == key, row.placed_at >= connected, row.received_at >= now - DAY)
        .order_by(row.placed_at.desc(), row.id.desc())
        .limit(_SAMPLE)
    )
    return [max((received - placed).total_seconds(), 0.0) for received, placed in conn.execute(chosen)]


def _received(conn: sa.Connection, now: datetime) -> float | None:
    """Return the 95th percentile from received to processed, over the last messages read at once."""
    row = MessageRow.__table__.c
    chosen = (
        sa.select(row.processed_at, row.received_at)
        .where(row.processed_at.is_not(None), row.tries == 1, row.received_at >= now - DAY)
        .order_by(row.id.desc())
        .limit(_SAMPLE)
    )
    return _p95([(done - received).total_seconds() for done, received in conn.execute(chosen)])


def _p95(values: list[float]) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=20, method="inclusive")[-1]
