"""Stored messages: finding them, reading their raw content, and their ways out of quarantine."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ordain.base.errors import Problem
from ordain.records.access import Access
from ordain.records.message import Fate, Message
from ordain.store.tables.messages import MessageRow
from ordain.store.tables.orders import OrderRow
from ordain.store.vault import Vault


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which messages: empty parts do not restrict. `code` is a problem's code; times: from inclusive, to exclusive."""

    states: Sequence[str] = ()
    channel: str = ""
    code: str = ""
    order_id: str = ""
    ids: Sequence[str] = ()
    mapping: str = ""
    received_from: datetime | None = None
    received_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One page, newest first; `next` is the id the page after it begins below."""

    items: Sequence[Message]
    next: str | None
    total: int


def find(conn: sa.Connection, query: MessageQuery, *, limit: int = 50, cursor: str | None = None) -> MessagePage:
    """Return one page of messages, newest first."""
    where = sa.and_(sa.true(), *_conditions(query, conn.dialect.name))
    chosen = sa.select(*_COLUMNS).where(where)
    if cursor:
        chosen = chosen.where(MessageRow.id < cursor)
    rows = conn.execute(chosen.order_by(MessageRow.id.desc()).limit(limit + 1)).mappings().all()
    total = conn.scalar(sa.select(sa.func.count()).select_from(MessageRow).where(where)) or 0
    return MessagePage(
        [_message(row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None, total
    )


def get(conn: sa.Connection, message_id: str) -> Message | None:
    """Return one message without its raw content."""
    row = conn.execute(sa.select(*_COLUMNS).where(MessageRow.id == message_id)).mappings().one_or_none()
    return _message(row) if row else None


def of_order(conn: sa.Connection, order_id: str) -> list[Message]:
    """Return the messages that spoke of an order, newest first."""
    chosen = sa.select(*_COLUMNS).where(MessageRow.order_id == order_id).order_by(MessageRow.id.desc())
    return [_message(row) for row in conn.execute(chosen).mappings()]


def raw(conn: sa.Connection, vault: Vault, message_id: str) -> str | None:
    """Return the raw content as it was received, `Unopened` where it does not open; callers ask the door first."""
    sealed = conn.scalar(sa.select(MessageRow.raw).where(MessageRow.id == message_id))
    return vault.show("message.raw", message_id, sealed) if sealed is not None else None


def covered(message: Message, given: Access) -> Message:
    """Return a message as this actor may see it: who does not read its raw content does not learn its size."""
    return message if given.reads("raw") else replace(message, size=None)


def waiting(conn: sa.Connection, query: MessageQuery, *, after: str = "", limit: int = 200) -> list[str]:
    """Return the ids of messages to read once more, oldest first: those in quarantine, each held order's newest."""
    newest = (
        sa.select(sa.func.max(MessageRow.id))
        .join(OrderRow, OrderRow.id == MessageRow.order_id)
        .where(OrderRow.held, MessageRow.state == "held")
        .group_by(MessageRow.order_id)
    )
    chosen = (
        sa.select(MessageRow.id)
        .where(
            sa.or_(MessageRow.state == "quarantined", MessageRow.id.in_(newest)),
            MessageRow.id > after,
            *_conditions(query, conn.dialect.name),
        )
        .order_by(MessageRow.id)
        .limit(limit)
    )
    return list(conn.scalars(chosen))


def waiting_of(conn: sa.Connection, query: MessageQuery, *, limit: int) -> list[tuple[str, str]]:
    """Return id and channel of the messages that wait and match, oldest first."""
    row = MessageRow
    chosen = sa.select(row.id, row.channel).where(row.id.in_(waiting(conn, query, limit=limit))).order_by(row.id)
    return [(found.id, found.channel) for found in conn.execute(chosen)]


def discard(conn: sa.Connection, message_id: str, problems: Sequence[Problem]) -> bool:
    """Put a quarantined message aside for good; its raw content stays. False where it is not in quarantine."""
    return bool(
        conn.execute(
            sa.update(MessageRow)
            .where(MessageRow.id == message_id, MessageRow.state == "quarantined")
            .values(state="discarded", problems=[p.as_json() for p in problems])
        ).rowcount
    )


def envelopes(conn: sa.Connection, ids: Collection[str]) -> list[dict[str, Any]]:
    """Return all columns of these messages, raw content sealed, oldest first."""
    table = MessageRow.__table__
    return [
        dict(row) for row in conn.execute(sa.select(table).where(table.c.id.in_(ids)).order_by(table.c.id)).mappings()
    ]


def standings(conn: sa.Connection, ids: Collection[str]) -> dict[str, tuple[int, Fate, str | None]]:
    """Return for these messages how often each was read, its state, and the record it brought."""
    row = MessageRow
    chosen = sa.select(row.id, row.tries, row.state, row.order_id).where(row.id.in_(ids))
    return {found.id: (found.tries, found.state, found.order_id) for found in conn.execute(chosen)}


def samples(conn: sa.Connection, mapping: str, channels: Collection[str], *, limit: int) -> list[tuple[str, str]]:
    """Return id and channel of the newest messages that a mapping read or would read."""
    row = MessageRow
    chosen = (
        sa.select(row.id, row.channel)
        .where(sa.or_(row.mapping == mapping, sa.and_(row.mapping == "", row.channel.in_(channels))))
        .order_by(row.id.desc())
        .limit(limit)
    )
    return [(found.id, found.channel) for found in conn.execute(chosen)]


_COLUMNS = tuple(getattr(MessageRow, name) for name in (*(n for n in Message.__slots__ if n != "problems"), "problems"))


def _message(row: Any) -> Message:
    known = {name: row[name] for name in Message.__slots__ if name != "problems"}
    return Message(**known, problems=tuple(Problem.of(stored) for stored in row["problems"] or ()))


def _conditions(query: MessageQuery, dialect: str) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if query.states:
        found.append(MessageRow.state.in_(query.states))
    if query.channel:
        found.append(MessageRow.channel == query.channel)
    if query.order_id:
        found.append(MessageRow.order_id == query.order_id)
    if query.ids:
        found.append(MessageRow.id.in_(query.ids))
    if query.received_from:
        found.append(MessageRow.received_at >= query.received_from)
    if query.received_to:
        found.append(MessageRow.received_at < query.received_to)
    if query.mapping:
        found.append(MessageRow.mapping == query.mapping)
    if query.code:
        found.append(_has_code(query.code, dialect))
    return found


def _has_code(code: str, dialect: str) -> sa.ColumnElement[bool]:
    if dialect == "sqlite":
        each = sa.func.json_each(MessageRow.problems).table_valued("value", joins_implicitly=True)
        return sa.exists(sa.select(1).select_from(each).where(sa.func.json_extract(each.c.value, "$.code") == code))
    return MessageRow.problems.op("@>")(sa.literal([{"code": code}], MessageRow.problems.type))
