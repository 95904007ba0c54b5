"""What channels were told of our stock: which numbers they took, how late, and what they have yet to hear.

The levels' own versions say what changed: nothing is written beside a sale, and any number of changes is one push.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from ordain.store.adding import add_new
from ordain.store.tables.orders import OrderLineRow, OrderRow, SkuAliasRow
from ordain.store.tables.pushes import StockFeedRow, StockPushRow
from ordain.store.tables.stock import StockRow

DAY: Final = timedelta(days=1)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """One SKU a channel has to hear of; `told` is the number it took last, `per_day` its sales, if known."""

    sku: str
    code: str
    available: int
    version: int
    changed_at: datetime
    told: int | None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """How the stock of one channel is pushed."""

    channel: str
    last_try: datetime | None = None
    last_success: datetime | None = None
    last_full: datetime | None = None
    counted_at: datetime | None = None
    cause: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One number a channel took; what is held back follows from what it sold within a day."""

    sku: str
    quantity: int
    held_back: int
    per_day: int
    lag_ms: int
    pushed_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """What a channel was told of one SKU; `measured` says that the lag of it counts."""

    quantity: int
    held_back: int
    per_day: int
    measured: bool


def due(conn: sa.Connection, channel: str, *, full: bool, limit: int) -> list[Due]:
    """Return what a channel has yet to hear, the longest known first; on a full round everything, longest untold first.

    A full round that is cut short is thus taken up where it ended.
    """
    level, push, alias = StockRow, StockPushRow, SkuAliasRow
    version, changed = sa.func.sum(level.version), sa.func.max(level.changed_at)
    code = sa.select(sa.func.min(alias.alias)).where(alias.sku == level.sku, alias.channel == channel).scalar_subquery()
    chosen = (
        sa.select(
            level.sku,
            code.label("code"),
            sa.func.sum(level.available).label("available"),
            version.label("version"),
            changed.label("changed_at"),
            push.quantity.label("told"),
            push.per_day,
        )
        .outerjoin(push, sa.and_(push.channel == channel, push.sku == level.sku))
        .group_by(level.sku, push.version, push.quantity, push.per_day, push.pushed_at)
        .order_by(
            sa.func.coalesce(push.pushed_at, sa.literal(_NEVER, push.pushed_at.type)) if full else changed, level.sku
        )
        .limit(limit)
    )
    if not full:
        chosen = chosen.having(version > sa.func.coalesce(push.version, -1))
    return [
        Due(
            row.sku,
            row.code or row.sku,
            int(row.available),
            int(row.version),
            _moment(row.changed_at),
            row.told,
            row.per_day,
        )
        for row in conn.execute(chosen)
    ]


def taken(conn: sa.Connection, channel: str, item: Due, telling: Telling, now: datetime) -> bool:
    """Write that a channel took a number; False where it has heard of something newer meanwhile."""
    row = StockPushRow
    values: dict[str, Any] = {"version": item.version, "quantity": telling.quantity, "held_back": telling.held_back}
    values |= {"per_day": telling.per_day, "pushed_at": now}
    lag_ms = max(0, int((now - item.changed_at).total_seconds() * 1000))
    fresh = {"channel": channel, "sku": item.sku, **values, "lag_ms": lag_ms if telling.measured else -1}
    if add_new(conn, row, ["channel", "sku"], fresh):
        return True
    if telling.measured:
        values["lag_ms"] = lag_ms
    own = sa.and_(row.channel == channel, row.sku == item.sku, row.version <= item.version)
    return bool(conn.execute(sa.update(row).where(own).values(**values)).rowcount)


def lag(conn: sa.Connection, channel: str, now: datetime) -> float | None:
    """Return the seconds that nineteen of twenty pushes of the past day stayed under; None where none was measured."""
    row = StockPushRow
    recent = sa.and_(row.channel == channel, row.pushed_at > now - DAY, row.lag_ms >= 0)
    count = conn.scalar(sa.select(sa.func.count()).select_from(row).where(recent)) or 0
    if not count:
        return None
    chosen = sa.select(row.lag_ms).where(recent).order_by(row.lag_ms).offset(int(count * 0.95)).limit(1)
    return float(conn.scalar(chosen) or 0) / 1000


def sales(conn: sa.Connection, channel: str, now: datetime) -> dict[str, int]:
    """Return how many units of each SKU a channel sold within the past day."""
    sold = sa.func.sum(OrderLineRow.quantity)
    chosen = (
        sa.select(OrderLineRow.sku, sold)
        .join(OrderRow, OrderRow.id == OrderLineRow.order_id)
        .where(OrderRow.channel == channel, OrderRow.placed_at > now - DAY, OrderLineRow.sku != "")
        .group_by(OrderLineRow.sku)
    )
    return {sku: int(units) for sku, units in conn.execute(chosen)}


def put_sales(conn: sa.Connection, channel: str, counted: Mapping[str, int], now: datetime) -> None:
    """Keep what was counted, for the rounds until the next count."""
    row = StockPushRow
    known = dict(conn.execute(sa.select(row.sku, row.per_day).where(row.channel == channel)).all())
    for sku, before in known.items():
        if before != counted.get(sku, 0):
            own = sa.and_(row.channel == channel, row.sku == sku)
            conn.execute(sa.update(row).where(own).values(per_day=counted.get(sku, 0)))
    put_feed(conn, channel, counted_at=now)


def feed(conn: sa.Connection, channel: str) -> Feed:
    """Return how a channel's pushing goes."""
    row = conn.execute(sa.select(StockFeedRow.__table__).where(StockFeedRow.channel == channel)).one_or_none()
    return Feed(**{name: getattr(row, name) for name in Feed.__slots__}) if row else Feed(channel)


def put_feed(conn: sa.Connection, channel: str, **values: Any) -> None:
    """Write parts of how a channel's pushing goes."""
    if not add_new(conn, StockFeedRow, ["channel"], {"channel": channel, "cause": "", "error": "", **values}):
        conn.execute(sa.update(StockFeedRow).where(StockFeedRow.channel == channel).values(**values))


def take_turn(conn: sa.Connection, channel: str, now: datetime, span: timedelta) -> bool:
    """Take the one turn of pushing to a channel; False where somebody pushes."""
    add_new(conn, StockFeedRow, ["channel"], {"channel": channel, "cause": "", "error": ""})
    free = sa.or_(StockFeedRow.turn_until.is_(None), StockFeedRow.turn_until <= now)
    taken_ = sa.update(StockFeedRow).where(StockFeedRow.channel == channel, free).values(turn_until=now + span)
    return bool(conn.execute(taken_).rowcount)


def told(conn: sa.Connection, channel: str, *, limit: int = 8) -> list[Told]:
    """Return the numbers a channel took, those most is held back of first."""
    row = StockPushRow
    chosen = sa.select(*(getattr(row, name) for name in Told.__slots__)).where(row.channel == channel)
    found = conn.execute(chosen.order_by(row.held_back.desc(), row.pushed_at.desc(), row.sku).limit(limit))
    return [Told(*values) for values in found]


def price(conn: sa.Connection, channel: str) -> tuple[int, int]:
    """Return how many units are held back from a channel in all, and of how many SKUs it was told."""
    row = StockPushRow
    chosen = sa.select(sa.func.sum(row.held_back), sa.func.count()).where(row.channel == channel)
    units, skus = conn.execute(chosen).one()
    return int(units or 0), int(skus)


def _moment(value: Any) -> datetime:
    """Return the newest change; an aggregate over the column keeps its type on both databases."""
    if not isinstance(value, datetime):
        raise TypeError("the newest change is no moment")
    return value
